"""``python3 -m bootstrap.npm run check``: npm of the Node that the project uses, in the web's directory."""

from __future__ import annotations

import subprocess
import sys

from bootstrap.node import WEB, npm, npm_environment

if __name__ == "__main__":
    command = [str(part) for part in npm()]
    sys.exit(
        subprocess.run([*command, *sys.argv[1:]], cwd=WEB, env=npm_environment(), check=False).returncode
    )
