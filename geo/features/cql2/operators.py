"""Which operators and functions there are, what each takes, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from geo.errors import InvalidFilter
from geo.features.cql2.expressions import (
    ARITHMETIC,
    NUMBERS,
    SCALARS,
    Expression,
    are_comparable,
    array_of,
    element_of,
    is_array,
)
from geo.features.cql2.functions import FUNCTIONS

if TYPE_CHECKING:
    from geo.features.cql2.reading import TreeReader

Read = Callable[["TreeReader", str, Sequence[Any], int], Expression]

COMPARISONS: Final = ("=", "<>", "<", ">", "<=", ">=")
SPATIAL: Final = tuple(
    f"s_{name}"
    for name in ("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains")
)
#: Of instants and intervals; of intervals alone.
TEMPORAL: Final = tuple(f"t_{name}" for name in ("after", "before", "disjoint", "equals", "intersects"))
INTERVALS: Final = tuple(
    f"t_{name}"
    for name in ("contains", "during", "finishedby", "finishes", "meets", "metby", "overlappedby", "overlaps",
                 "startedby", "starts")
)  # fmt: skip
ARRAYS: Final = ("a_equals", "a_contains", "a_containedby", "a_overlaps")
#: Ends that an interval has not.
_UNBOUNDED: Final = frozenset(("-infinity", "infinity"))
#: What a collection that mixes points, lines and areas can be asked.
_OF_COLLECTIONS: Final = frozenset(("s_intersects", "s_disjoint"))


def _junction(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    if not args:
        raise InvalidFilter("filter_arguments", word=op, number=2)
    return Expression(op, "boolean", tuple(tree.typed(each, depth, ("boolean",), op) for each in args))


def _negation(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    (condition,) = _counted(op, args, 1)
    return Expression(op, "boolean", (tree.typed(condition, depth, ("boolean",), op),))


def _comparison(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    left, right = (tree.typed(each, depth, SCALARS, op) for each in _counted(op, args, 2))
    return Expression(op, "boolean", _alike(op, left, right))


def _between(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    asked, low, high = (tree.typed(each, depth, SCALARS, op) for each in _counted(op, args, 3))
    return Expression("and", "boolean", (
        Expression(">=", "boolean", _alike(op, asked, low)),
        Expression("<=", "boolean", _alike(op, asked, high)),
    ))  # fmt: skip


def _membership(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    """Literals of the type asked for become one array, so that their number is not part of the shape."""
    asked, listed = _counted(op, args, 2)
    left = tree.typed(asked, depth, SCALARS, op)
    if not isinstance(listed, list) or not listed:
        raise InvalidFilter("filter_type", word=op, expected="(…, …)", found="()")
    elements = [tree.typed(each, depth, SCALARS, op) for each in listed]
    pairs = tuple(Expression("=", "boolean", _alike(op, left, each)) for each in elements)
    if all(pair.args[0] is left and pair.args[1].op == "value" for pair in pairs):
        return Expression("in", "boolean", (left, tree.together(elements)))
    return Expression("or", "boolean", pairs)


def _like(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    asked, pattern = _counted(op, args, 2)
    left = tree.typed(asked, depth, ("string",), op)
    literal = pattern
    while isinstance(literal, dict) and literal.get("op") in ("casei", "accenti") and literal.get("args"):
        literal = literal["args"][0]
    if not isinstance(literal, str) or (len(literal) - len(literal.rstrip("\\"))) % 2:
        raise InvalidFilter("filter_pattern", value=str(literal)[:60])
    return Expression(op, "boolean", (left, tree.typed(pattern, depth, ("string",), op)))


def _nothing(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    (asked,) = _counted("IS NULL", args, 1)
    found = tree.read(asked, depth)
    if found.op in ("interval", "array", "collection"):
        raise InvalidFilter("filter_type", word="IS NULL", expected="property", found=found.type)
    return Expression(op, "boolean", (found,))


def _folded(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    (text,) = _counted(op, args, 1)
    return Expression(op, "string", (tree.typed(text, depth, ("string",), op),))


def _arithmetic(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    operands = (tree.typed(each, depth, NUMBERS, op) for each in _counted(op, args, 2))
    return Expression(op, "number", tuple(operands))


def _spatial(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    both = tuple(tree.typed(each, depth, ("geometry",), op) for each in _counted(op, args, 2))
    if op not in _OF_COLLECTIONS and any(each.op == "collection" for each in both):
        raise InvalidFilter("filter_collection", word=op)
    return Expression(op, "boolean", both)


def _temporal(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    taken = ("interval",) if op in INTERVALS else ("date", "timestamp", "interval")
    both = [tree.typed(each, depth, taken, op) for each in _counted(op, args, 2)]
    ends = [end for each in both for end in (each.args if each.type == "interval" else (each, each))]
    kinds = {end.type for end in ends if end.op not in _UNBOUNDED}
    type_ = "date" if kinds == {"date"} else "timestamp"
    return Expression(op, "boolean", tuple(_end(each, type_, at % 2 == 1) for at, each in enumerate(ends)))


def _end(end: Expression, type_: str, is_last: bool) -> Expression:
    """Return one end of an interval as a day or moment: a day among moments is all of it."""
    if end.op in _UNBOUNDED:
        return Expression(end.op, type_)
    if end.type == type_:
        return end
    return Expression("day_end" if is_last else "day_start", type_, (end,))


def _arrays(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    both = [_as_array(tree, each, depth) for each in _counted(op, args, 2)]
    kinds = [element_of(each.type) for each in both if each.type != array_of("nothing")] or ["string"]
    kind = _common_kind(set(kinds))
    if kind is None:
        raise InvalidFilter("filter_type", word=op, expected=both[0].type, found=both[1].type)
    return Expression(op, "boolean", tuple(Expression("elements", array_of(kind), (each,)) for each in both))


def _common_kind(kinds: set[str]) -> str | None:
    """Return what the elements of two arrays are compared as; None: they can't be."""
    if len(kinds) == 1:
        return kinds.pop()
    if kinds <= NUMBERS:
        return "number"
    return "mixed" if "mixed" in kinds else None


def _as_array(tree: TreeReader, node: Any, depth: int) -> Expression:
    """Return an array; what is none is an array of one, as the text ('a') can't say which it is."""
    found = tree.read(node, depth)
    return found if is_array(found.type) else tree.together([found])


def _function(tree: TreeReader, op: str, args: Sequence[Any], depth: int) -> Expression:
    function = FUNCTIONS[op]
    given = _counted(op, args, len(function.arguments))
    read = (tree.typed(each, depth, kinds, op) for each, kinds in zip(given, function.arguments, strict=True))
    return Expression(op, function.returns, tuple(read))


def _counted(op: str, args: Sequence[Any], number: int) -> Sequence[Any]:
    if len(args) != number:
        raise InvalidFilter("filter_arguments", word=op, number=number)
    return args


def _alike(op: str, left: Expression, right: Expression) -> tuple[Expression, Expression]:
    """Return two scalars that can be compared; of a day and a moment, the moment as its day."""
    if not are_comparable(left.type, right.type):
        raise InvalidFilter("filter_type", word=op, expected=left.type, found=right.type)
    if left.op in ARITHMETIC or right.op in ARITHMETIC:  # what is computed may be too large for other numbers
        return _as("exact", "number", left), _as("exact", "number", right)
    if left.type == right.type or left.type in NUMBERS:
        return left, right
    return _as("as_date", "date", left), _as("as_date", "date", right)


def _as(op: str, type_: str, part: Expression) -> Expression:
    """Return a scalar converted by an operator of ours; a day is one already."""
    return part if part.type == type_ == "date" else Expression(op, type_, (part,))


OPERATORS: Final[Mapping[str, Read]] = MappingProxyType(
    {"and": _junction, "or": _junction, "not": _negation}
    | dict.fromkeys(COMPARISONS, _comparison)
    | {"like": _like, "between": _between, "in": _membership, "isnull": _nothing}
    | {"casei": _folded, "accenti": _folded}
    | dict.fromkeys(ARITHMETIC, _arithmetic)
    | dict.fromkeys(SPATIAL, _spatial)
    | dict.fromkeys((*TEMPORAL, *INTERVALS), _temporal)
    | dict.fromkeys(ARRAYS, _arrays)
    | dict.fromkeys(FUNCTIONS, _function)
)

#: Those that are written as functions, with parentheses.
CALLED: Final = ("casei", "accenti", *SPATIAL, *TEMPORAL, *INTERVALS, *ARRAYS, *FUNCTIONS)
