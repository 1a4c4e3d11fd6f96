"""The commands, on a machine with Python 3.11 and pip and nothing else.

    python3.11 make.py app       install what is missing, and start the dashboard
    python3.11 make.py check     install what is missing, and run every check that CI runs
    python3.11 make.py test      the tests alone
    python3.11 make.py install   install what the checks need, and nothing else

They keep a virtual environment in `.venv`; arguments after `app` go to Streamlit, after the others to pytest.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
USAGE = "Say `python3.11 make.py app` to start the dashboard, or `python3.11 make.py check` to run the checks."
PIP = "pip==26.3"  # chooses and unpacks these packages in half the time of the pip that Python 3.11 brings
# A process more than there are cores, four at most, for many tests wait; tests/conftest.py says which go to which.
SIDE_BY_SIDE = (f"--numprocesses={min((os.cpu_count() or 1) + 1, 4)}",)


def install(requirements: str) -> None:
    """Install a requirements file into `.venv`, unless this very content was installed before.

    Nothing is compiled beforehand: Python compiles what it imports.
    """
    content = b"".join((ROOT / name).read_bytes() for name in ("requirements.txt", requirements))
    stamp = ENVIRONMENT / f"installed-{requirements}"
    wanted = hashlib.sha256(content).hexdigest()
    if not PYTHON.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"Installing {requirements} into .venv; this takes a minute or two, once.", flush=True)
        pip = ("-m", "pip", "install", "--no-compile", "--quiet", "--disable-pip-version-check")
        subprocess.run([str(PYTHON), *pip, PIP], cwd=ROOT, check=False)  # without it, the one that is there will do
        run(*pip, "-r", requirements)
        stamp.write_text(wanted)


def run(*arguments: str) -> None:
    """Run the environment's Python on `arguments`; leave with its status when it fails."""
    status = subprocess.run([str(PYTHON), *arguments], cwd=ROOT, check=False).returncode
    if status:
        raise SystemExit(status)


def app(arguments: list[str]) -> None:
    """Start the dashboard."""
    install("requirements.txt")
    run("-m", "streamlit", "run", "streamlit_app.py", *arguments)


def check(arguments: list[str]) -> None:
    """Lint, format, types and every test."""
    install("requirements-dev.txt")
    run("-m", "ruff", "check")
    run("-m", "ruff", "format", "--check")
    # Types are checked beside the tests. Collecting compiles what these import, once: each process would do it anew.
    with subprocess.Popen([str(PYTHON), "-m", "mypy"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as types:
        collecting = [str(PYTHON), "-m", "pytest", "--collect-only", "--quiet"]
        subprocess.run(collecting, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        try:
            test(arguments)
        finally:
            print(types.communicate()[0], end="", flush=True)
    if types.returncode:
        raise SystemExit(types.returncode)


def test(arguments: list[str]) -> None:
    """Every test, or those that the arguments name."""
    install("requirements-dev.txt")
    run("-m", "pytest", *SIDE_BY_SIDE, *arguments)


def install_all(arguments: list[str]) -> None:
    """What the checks need."""
    install("requirements-dev.txt")


def main() -> None:
    """Read the command."""
    if sys.version_info < (3, 11):
        raise SystemExit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    commands = {"app": app, "check": check, "test": test, "install": install_all}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        raise SystemExit(USAGE)
    try:
        commands[sys.argv[1]](sys.argv[2:])
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
