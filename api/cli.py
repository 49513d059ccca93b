"""The command `quartier`: finds its commands, and answers failures with a sentence and an exit code."""

from __future__ import annotations

import errno
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence

import typer
from pydantic import ValidationError

import api.commands
from geo.errors import EnvironmentLacking, InputRefused, InvalidParameter, QuartierError, UnknownParameter

DONE, REFUSED, WRONG_USAGE, ENVIRONMENT = 0, 1, 2, 3


def build_app(only: str | None = None) -> typer.Typer:
    """Build the command from the modules of `api.commands`, whose names are the commands'.

    A module exposes `app`: a `typer.Typer` for a group of commands, a function for a single one.

    Parameters
    ----------
    only
        The command that will run, so that the others, and what they import, are left alone.
    """
    root = typer.Typer(help="Health and social services of Brussels, near home.", no_args_is_help=True)
    root.callback()(lambda: None)
    names = sorted(module.name for module in pkgutil.iter_modules(api.commands.__path__))
    for name in [only] if only in names else names:
        module = importlib.import_module(f"{api.commands.__name__}.{name}")
        if isinstance(module.app, typer.Typer):
            root.add_typer(module.app, name=name)
        else:
            root.command(name)(module.app)
    return root


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; leaves with 0 done, 1 input refused, 2 wrong usage, 3 something lacks."""
    sys.exit(run_command(arguments))


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; what went wrong is said on stderr, without a stack."""
    if os.environ.get("QUARTIER_TRACEBACK"):
        return _call(arguments)
    try:
        return _call(arguments)
    except QuartierError as error:
        _say(_sentence(error))
        return exit_code(error)
    except ValidationError as error:
        _say(*(f"QUARTIER_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()))
        return WRONG_USAGE
    except OSError as error:
        _say(_system_sentence(error))
        return ENVIRONMENT
    except Exception as error:  # a fault of ours: say so, without a stack
        _say(
            f"Quartier failed inside ({type(error).__name__}). "
            "QUARTIER_TRACEBACK=1 shows where; please report it."
        )
        return REFUSED


def exit_code(error: QuartierError) -> int:
    """Choose the exit code that an exception of geo means."""
    if isinstance(error, EnvironmentLacking):
        return ENVIRONMENT
    return WRONG_USAGE if isinstance(error, InvalidParameter | UnknownParameter) else REFUSED


def _call(arguments: Sequence[str] | None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    try:
        typer.main.get_command(build_app(words[0] if words else None))(args=words, prog_name="quartier")
    except SystemExit as leave:  # how Typer ends, after it has shown what was wrong with the usage
        return leave.code if isinstance(leave.code, int) else DONE
    return DONE


def _sentence(error: QuartierError) -> str:
    if isinstance(error, InputRefused) and error.problems:
        more = len(error.problems) - 20
        lines = [str(problem) for problem in error.problems[:20]]
        return "\n".join([*lines, f"… and {more} more"] if more > 0 else lines)
    facts = ", ".join(f"{name}: {value}" for name, value in error.params.items())
    return f"{error} ({facts})" if facts else str(error)


def _system_sentence(error: OSError) -> str:
    subject = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"{subject}the disk is full. Free some space and run the command again."
    return f"{subject}{error.strerror or error}"


def _say(*lines: str) -> None:
    for line in lines:
        typer.echo(line, err=True)


if __name__ == "__main__":
    main()
