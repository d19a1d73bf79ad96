"""Audit of the dependencies: `python .ci/audit.py`, run by `.ci/run`.

Known vulnerabilities of the locked versions are asked of pip-audit. Where it cannot reach its data, the
lock must do: every version pinned, every file of it named by hash, and installed here what is locked.
Ends with 1 where something is found.
"""

import json
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path(__file__).parent.parent / "requirements.lock"
TIMEOUT_SECONDS = 120


def vulnerabilities(lock: Path) -> list[str] | None:
    """One line per known vulnerability of a locked version; None where nobody could be asked."""
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--disable-pip"]
    command += ["--no-deps", "--progress-spinner", "off", "--format", "json", "-r", str(lock)]
    try:
        asked = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS
        )
        audited = json.loads(asked.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return [
        f"{package['name']} {package['version']}: {known['id']}, mended in {known['fix_versions']}"
        for package in audited
        for known in package.get("vulns", [])
    ]


def faults_of_lock(lock: str, installed: dict[str, str]) -> list[str]:
    """What a lock file leaves open, and what is installed otherwise than it says.

    Args:
        lock: the text of the lock file.
        installed: version by canonical name of every distribution that is installed.
    """
    faults = []
    for entry in re.sub(r"\\\n", " ", lock).splitlines():
        stated, _, hashes = entry.partition("--hash=")
        if not stated.strip() or stated.lstrip().startswith("#"):
            continue
        requirement = Requirement(stated.strip())
        name = canonicalize_name(requirement.name)
        pinned = re.fullmatch(r"==([^,*]+)", str(requirement.specifier))
        if not pinned:
            faults.append(f"{name}: no exact version, but {requirement.specifier or 'any'}")
        elif not hashes:
            faults.append(f"{name}: no hash")
        elif requirement.marker is None or requirement.marker.evaluate():
            found = installed.get(name)
            if found != pinned[1]:
                faults.append(f"{name}: {pinned[1]} is locked, {found or 'none'} is installed")
    return faults


def main() -> int:
    """Audit, and say what was found."""
    found = vulnerabilities(LOCK)
    if found is None:
        installed = {canonicalize_name(d.metadata["Name"]): d.version for d in distributions()}
        found = faults_of_lock(LOCK.read_text(encoding="utf-8"), installed)
        print(
            "Known vulnerabilities: nobody could be asked; the lock's pins and hashes are checked."
        )
    for line in found:
        print(line)
    print(f"Audit of dependencies: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
