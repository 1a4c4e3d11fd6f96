"""`python -m mnist_core`, and where it is installed `mnist-lab`."""

import sys


def main() -> int:
    """The command line (`cli/app.py`); a Ctrl-C while it is still being imported is one line."""
    try:
        from mnist_core.cli.app import main as command_line

        return command_line()
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
