"""The program that git asks for credentials (gitcredentials(7)); standard library only, started without packages.

Arguments: the inherited descriptor of the token, the only scheme and host it is for, the user name, and what git
wants: ``get`` is answered, ``store`` and ``erase`` are not our business.
"""

import os
import sys

_LARGEST = 64 * 1024


def main() -> None:
    """Answer git on stdout, or say nothing."""
    descriptor, place, username, operation = sys.argv[1:5]
    asked = dict(line.rstrip("\n").partition("=")[::2] for line in sys.stdin)
    if operation == "get" and f"{asked.get('protocol')}://{asked.get('host')}".lower() == place.lower():
        # At its beginning: git asks again in another process, and all share one position.
        token = os.pread(int(descriptor), _LARGEST, 0)
        sys.stdout.buffer.write(f"username={username}\npassword=".encode() + token + b"\n")


if __name__ == "__main__":
    main()
