"""`quartier user`: accounts, from the machine itself. The first administrator is made here."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Concatenate, ParamSpec, TypeVar

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.accounts import disable_account, find_account, invite
from geo.accounts.actors import COMMAND, Actor, Membership
from geo.accounts.audit import record_writes
from geo.accounts.links import Purpose, make_link
from geo.accounts.rights import Right
from geo.accounts.roles import GRANTED
from geo.accounts.tokens import make_token
from geo.db.sessions import run_writing
from geo.errors import NotFound
from geo.models.accounts import Account, AccountKey, AccountRole
from geo.models.teams import TeamMember
from geo.settings import read_settings
from geo.vocabulary import LANGS, Lang, Role

app = typer.Typer(help="Accounts: invite, list, disable, make a token.", no_args_is_help=True)

P = ParamSpec("P")
T = TypeVar("T")
Email = Annotated[str, typer.Argument(help="Mail address of the account.")]


@app.command()
def add(
    email: Email,
    role: Annotated[list[Role] | None, typer.Option(help=f"Of {', '.join(GRANTED)}.")] = None,
    lang: Annotated[str, typer.Option(help="Language of our mails: fr, nl or en.")] = "fr",
    team: Annotated[uuid.UUID | None, typer.Option(help="Id of a team to join.")] = None,
    coordinator: Annotated[bool, typer.Option("--coordinator", help="As coordinator of that team.")] = False,
) -> None:
    """Invite somebody, print the link and, where mail is set up, send it too."""
    if lang not in LANGS:
        raise typer.BadParameter("fr, nl or en", param_hint="--lang")
    path = _run(_invite, email, lang, role or [], team, coordinator=coordinator)
    if path is None:
        typer.echo("This account is open already; it has the roles and the team now.")
    else:
        typer.echo(f"{_base()}{path}")


@app.command("list")
def list_all() -> None:
    """List the accounts: address, status, language, roles, number of teams, day of the last sign-in."""
    for line in _run(_list):
        typer.echo(line)


@app.command()
def disable(email: Email) -> None:
    """Close an account: its sessions end, its tokens and links open nothing."""
    _run(_disable, email)
    typer.echo("The account is disabled.")


@app.command()
def token(
    email: Email,
    scope: Annotated[list[Right], typer.Option(help="A right that the account has; repeat for several.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "command line",
    days: Annotated[int, typer.Option(help="Days until it ends.", min=1, max=365)] = 90,
) -> None:
    """Make a personal token for an account, and print its key this once."""
    typer.echo(_run(_token, email, name, scope, days))


def _run(verb: Callable[Concatenate[AsyncSession, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a verb that writes, audited as the command's."""

    async def audited(session: AsyncSession) -> T:
        record_writes(session, COMMAND)
        return await verb(session, *args, **kwargs)

    return run_writing(audited)


def _base() -> str:
    settings = read_settings()
    return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")


async def _invite(
    session: AsyncSession,
    email: str,
    lang: Lang,
    roles: list[Role],
    team: uuid.UUID | None,
    *,
    coordinator: bool,
) -> str | None:
    account = await invite(session, COMMAND, email, lang, roles=roles, team=team, coordinator=coordinator)
    return make_link(Purpose.INVITATION, account) if account.status == "invited" else None


async def _list(session: AsyncSession) -> list[str]:
    lines = []
    for account in await session.scalars(select(Account).order_by(Account.id)):
        roles = await session.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id))
        teams = await session.scalars(select(TeamMember.team_id).where(TeamMember.account_id == account.id))
        seen = account.seen_on or "never"
        words = [account.status, account.lang, ",".join(sorted(roles)) or "-", f"teams={len(list(teams))}"]
        lines.append(f"{account.email:40} {' '.join(words)} seen={seen}")
    return lines


async def _disable(session: AsyncSession, email: str) -> None:
    await disable_account(session, COMMAND, (await _known(session, email)).id)


async def _token(session: AsyncSession, email: str, name: str, scopes: list[Right], days: int) -> str:
    account = await _known(session, email)
    _, key = await make_token(session, await _acting_for(session, account), name, scopes, days)
    return key


async def _known(session: AsyncSession, email: str) -> Account:
    account = await find_account(session, email)
    if account is None:
        raise NotFound("there is no account with this address")
    return account


async def _acting_for(session: AsyncSession, account: Account) -> Actor:
    """Return the account's holder, so that a token gets no right that they lack."""
    roles = await session.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id))
    teams = await session.scalars(select(TeamMember).where(TeamMember.account_id == account.id))
    return Actor(
        "account",
        key=await session.scalar(select(AccountKey.key).where(AccountKey.account_id == account.id)),
        account_id=account.id,
        roles=frozenset(map(Role, roles)),
        memberships=tuple(Membership(each.team_id, each.is_coordinator) for each in teams),
        second_factor=True,
    )
