"""The audit of dependencies, where it has nothing but the lock to go by."""

import importlib.util

from tests.conftest import ROOT

LOCK = """\
sound==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via other
elsewhere==3 ; sys_platform == 'nowhere' \\
    --hash=sha256:cc
"""
spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
assert spec
assert spec.loader
audit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(audit)


def test_a_lock_with_pins_and_hashes_that_is_installed_has_no_fault() -> None:
    assert audit.faults_of_lock(LOCK, {"sound": "1.0"}) == []


def test_every_fault_of_a_lock_is_named() -> None:
    lock = LOCK + "loose>=2 \\\n    --hash=sha256:dd\nbare==1\nstarred==1.* \\\n --hash=sha256:ee\n"
    assert audit.faults_of_lock(lock, {"sound": "1.1"}) == [
        "sound: 1.0 is locked, 1.1 is installed",
        "loose: no exact version, but >=2",
        "bare: no hash",
        "starred: no exact version, but ==1.*",
    ]


def test_our_own_lock_names_every_file_by_hash() -> None:
    text = audit.LOCK.read_text()
    faults = audit.faults_of_lock(text, {})
    assert all("is installed" in fault for fault in faults)
    assert text.count("--hash=sha256:") > 1_000
