"""The read-only views in the schema `open`: each layer's own select, as QGIS and psql may read it.

There is no second way to a row: a view is the layer's select for an anonymous viewer, and the reading
role sees nothing but views. Figures of zones are no layer, and have a view of their own.
"""

from __future__ import annotations

import hashlib
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Select, literal_column, select
from sqlalchemy.dialects.postgresql import dialect

from geo.db.failures import told_plainly
from geo.db.migrate import OPEN_SCHEMA, ensure_newest
from geo.layers import layers_for
from geo.layers.base import Layer
from geo.queries.figures import open_figures
from geo.vocabulary import ANONYMOUS

_DIALECT = dialect()  # type: ignore[no-untyped-call]


def prepare_database(url: str) -> None:
    """Bring a database to the newest schema, and its views to the layers of this version.

    Raises
    ------
    DatabaseUnavailable
        The database doesn't answer.
    """
    ensure_newest(url)
    with told_plainly(), psycopg.connect(url) as connection:
        publish_views(connection)


def publish_views(connection: psycopg.Connection[Any]) -> list[str]:
    """Write anew the views whose layer changed; return their names. The caller commits."""
    rows = connection.execute(
        "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class "
        "WHERE relnamespace = to_regnamespace(%s) AND relkind = 'v'",
        [OPEN_SCHEMA],
    ).fetchall()
    present = dict(rows)
    wanted = {layer.id: _definition(layer) for layer in layers_for().values()}
    wanted["figures"] = _as_sql(open_figures())
    changed = [name for name, definition in wanted.items() if present.get(name) != _mark(definition)]
    for name in changed:
        _write(connection, name, wanted[name])
    for name in present.keys() - wanted.keys():
        connection.execute(sql.SQL("DROP VIEW {}").format(sql.Identifier(OPEN_SCHEMA, name)))
    return changed


def _write(connection: psycopg.Connection[Any], name: str, definition: str) -> None:
    view = sql.Identifier(OPEN_SCHEMA, name)
    connection.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(view))
    connection.execute(sql.SQL("CREATE VIEW {} AS ").format(view) + sql.SQL(definition))
    connection.execute(sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(_mark(definition))))


def _definition(layer: Layer[Any]) -> str:
    """Return the layer's select as SQL without parameters; records to check are in it, and marked."""
    return _as_sql(layer.select(frozenset({"to_check:true"}), ANONYMOUS))


def _as_sql(rows: Select[Any]) -> str:
    """Return a select as SQL whose shapes stay shapes: only the outermost columns would become bytes."""
    inner = rows.subquery("layer")
    return str(select(literal_column("layer.*")).select_from(inner).compile(dialect=_DIALECT))


def _mark(definition: str) -> str:
    return f"layer {hashlib.sha256(definition.encode()).hexdigest()[:16]}"
