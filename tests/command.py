"""The command `stclusters` as tests start it: by this Python, whatever is installed."""

import sys

COMMAND = [sys.executable, "-c", "from pipelines.cli import main; main()"]
