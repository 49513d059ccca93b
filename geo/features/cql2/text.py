"""CQL2 text as the tree of its JSON form: `cql2` says what binds what, piece by piece.

Alone, that parser takes twice as long for each parenthesis that opens around a mistake, overflows its stack
on long chains, loses digits beyond 2^53 and refuses exponents, empty arrays and nested collections. So the
text is cut at its parentheses first: each piece that it gets is flat, its operands are numbered places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from geo.errors import InvalidFilter
from geo.features.cql2.shapes import read_wkt

#: Parentheses within parentheses, and parts within parts of the tree.
MAX_DEPTH: Final = 50
#: Operators, operands and literals of a whole filter; words between two parentheses or commas.
MAX_NODES: Final = 1000

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|''|\\.)*')
    | (?P<quoted>"[^"]+")
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>(?:[^\W\d]|:)[\w.:\u0300-\u036f\u203f\u2040]*)
    | (?P<sign><>|<=|>=|!=|[-+*/%^=<>(),])
    | (?P<other>\S))""",
    re.VERBOSE | re.DOTALL,
)
_OPERATORS: Final = frozenset(("and", "or", "not", "in", "like", "between", "is", "null", "div"))
_SHAPES: Final = frozenset(
    ("point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection")
)
#: Of whole numbers that stay whole; far more than the database can compare.
_MOST_DIGITS: Final = 40
#: What is written for what in a text; other characters keep the backslash before them, as LIKE needs it.
_ESCAPES: Final = {"''": "'", "\\'": "'", "\\\\": "\\"} | {
    f"\\{letter}": control for letter, control in zip("abtnvfr", "\a\b\t\n\v\f\r", strict=True)
}
_ESCAPED: Final = re.compile(r"''|\\.", re.DOTALL)
_COLUMN: Final = re.compile(r"-->\s*1:(\d+)")


class _Token(NamedTuple):
    kind: str
    word: str
    lower: str
    start: int
    end: int


def parse_text(text: str) -> Any:
    """Return the tree of a filter written as CQL2 text, in the terms of its JSON form.

    Raises
    ------
    InvalidFilter
        It is no CQL2, or its parentheses nest deeper than `MAX_DEPTH`.
    """
    return _Reading(text).whole()


class _Reading:
    """One text being read from left to right; `token` is what comes next."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._coming = _tokens(text.rstrip())
        self.token = next(self._coming, None)

    def whole(self) -> Any:
        """Return the tree of the whole text."""
        tree = self._piece(0)
        if self.token:
            raise InvalidFilter("filter_syntax", at=self.token.start + 1)
        return tree

    def _take(self) -> _Token:
        token = self.token
        assert token is not None
        self.token = next(self._coming, None)
        return token

    def _is_next(self, *words: str) -> bool:
        return self.token is not None and self.token.lower in words

    def _piece(self, depth: int) -> Any:
        """Return the tree of what stands up to the next comma or closing parenthesis."""
        flat = _Flat(self)
        while self.token and not self._is_next(")", ","):
            token = self._take()
            word = token.lower if token.kind == "word" else ""
            if word in _SHAPES and self._is_next("(", "z", "empty"):
                flat.operand(self._shape(token), token.start)
            elif token.word == "(":
                flat.listed(self._group(token, depth + 1), token.start)
            elif word and word not in _OPERATORS and self._is_next("("):
                flat.operand(_call(token.word, self._group(self._take(), depth + 1)), token.start)
            elif token.kind == "sign" or word in _OPERATORS:
                flat.word(token.word, token.start)
            else:
                flat.operand(_operand(token), token.start)
        return flat.tree()

    def _group(self, opened: _Token, depth: int) -> list[Any]:
        """Return the trees between a parenthesis and the one that closes it."""
        if depth > MAX_DEPTH:
            raise InvalidFilter("filter_too_deep", most=MAX_DEPTH)
        values = [] if self._is_next(")") else [self._piece(depth)]
        while self._is_next(","):
            self._take()
            values.append(self._piece(depth))
        if not self._is_next(")"):
            raise InvalidFilter("filter_not_closed", at=opened.start + 1)
        self._take()
        return values

    def _shape(self, first: _Token) -> Any:
        """Return a geometry in WKT as GeoJSON: from its first word to the parenthesis that closes it."""
        depth = 0
        while self.token:
            token = self._take()
            depth += {"(": 1, ")": -1}.get(token.word, 0)
            if depth > MAX_DEPTH:
                raise InvalidFilter("filter_too_deep", most=MAX_DEPTH)
            if depth == 0 and token.lower in (")", "empty"):
                return read_wkt(self.text[first.start : token.end])
        raise InvalidFilter("filter_not_closed", at=first.start + 1)


@lru_cache(maxsize=1000)
def _bound(words: str) -> Any:
    """Return what binds what among operators and numbered places; filters that people write share a few."""
    import cql2

    return cql2.parse_text(words).to_json()


class _Flat:
    """Operators, and operands by the numbers of their places: what the parser gets."""

    def __init__(self, reading: _Reading) -> None:
        self.reading = reading
        self.words: list[str] = []
        self.starts: list[int] = []
        self.operands: list[Any] = []

    def word(self, word: str, start: int) -> None:
        """Add an operator."""
        if len(self.words) >= MAX_NODES:
            raise InvalidFilter("filter_too_many", most=MAX_NODES)
        self.words.append(word)
        self.starts.append(start)

    def operand(self, tree: Any, start: int) -> None:
        """Add an operand."""
        self.operands.append(tree)
        self.word(f'"{len(self.operands) - 1}"', start)

    def listed(self, values: list[Any], start: int) -> None:
        """Add what stood in parentheses: what IN asks for, one part of an expression, or an array."""
        if self.words and self.words[-1].lower() == "in":
            self.word("(", start)
            self.operand(values, start)
            self.word(")", start)
        else:
            self.operand(values[0] if len(values) == 1 else values, start)

    def tree(self) -> Any:
        """Return what the parser makes of it, each operand in its place."""
        import cql2

        if len(self.words) == len(self.operands) == 1:  # nothing to bind
            return self.operands[0]
        try:
            return self._filled(_bound(" ".join(self.words)), 0)
        except (cql2.ParseError, cql2.ValidationError) as error:
            raise InvalidFilter("filter_syntax", at=self._position(str(error)) + 1) from None

    def _filled(self, node: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise InvalidFilter("filter_too_deep", most=MAX_DEPTH)
        if not isinstance(node, dict):
            return node
        if "property" in node:
            return self._operand(node["property"])
        op, args = node["op"], node["args"]
        if op == "in":
            return {"op": op, "args": [self._filled(args[0], depth + 1), self._filled(args[1][0], depth + 1)]}
        filled = [self._filled(each, depth + 1) for each in args]
        if op == "*" and args[0] == -1.0 and type(filled[1]) in (int, float):
            return -filled[1]
        return {"op": op, "args": filled}

    def _operand(self, place: str) -> Any:
        if not place.isdecimal():  # an operator where an operand has to be
            raise InvalidFilter("filter_syntax", at=self.starts[0] + 1)
        return self.operands[int(place)]

    def _position(self, told: str) -> int:
        """Return where in the whole text the parser found the fault that it tells of."""
        found, at = _COLUMN.search(told), 0
        for word, start in zip(self.words, self.starts, strict=True):
            at += len(word) + 1
            if found and at >= int(found[1]):
                return start
        return self.reading.token.start if self.reading.token else len(self.reading.text)


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "other"
        if kind == "other":  # at once: what follows an open quotation mark would be read again from each next
            raise InvalidFilter("filter_syntax", at=found.start(kind) + 1)
        word = found[kind]
        yield _Token(kind, word, word.lower(), found.start(kind), found.end())


def _operand(token: _Token) -> Any:
    """Return the tree of a literal or of the name of a property."""
    if token.kind == "number":
        is_whole = token.word.isdecimal() and len(token.word) < _MOST_DIGITS
        return int(token.word) if is_whole else float(token.word)
    if token.kind == "text":
        return _ESCAPED.sub(lambda found: _ESCAPES.get(found[0], found[0]), token.word[1:-1])
    if token.kind == "word" and token.lower in ("true", "false"):
        return token.lower == "true"
    return {"property": token.word.strip('"')}


def _call(name: str, values: list[Any]) -> dict[str, Any]:
    """Return the tree of a name with parentheses: a literal of time or place, or a function."""
    word = name.lower()
    if word in ("date", "timestamp") and len(values) == 1:
        return {word: values[0]}
    if word in ("interval", "bbox"):
        return {word: values}
    return {"op": word, "args": values}
