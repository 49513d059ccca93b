"""Opens files that somebody else made: within a size, of a format told by their bytes, nothing fetched."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geo.errors import RowProblem
from geo.exchange.tables import TableError

SUFFIXES = {"GeoJSON": ".geojson", "GPKG": ".gpkg", "ESRI Shapefile": ".shp", "GML": ".gml"}
"""The formats that are taken, by the name of their GDAL driver, and how their files end."""

_SIDECARS = (".shx", ".dbf", ".prj", ".cpg")
_ZIPPED = {".json", *SUFFIXES.values(), *_SIDECARS}
_MEMBERS = 100
_CHUNK = 1 << 20
_HEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file ready for GDAL: where it lies under a name of ours, its format, the digest of what was given."""

    path: Path
    format: str
    digest: str


@contextmanager
def open_source(path: Path, limit_mb: int) -> Iterator[SourceFile]:
    """Yield a file, unpacked if it is zipped, in a directory of its own that goes afterwards.

    The format is told by the first bytes, never by the name, so that GDAL opens nothing but the four formats
    of `SUFFIXES`; what it writes beside a file it writes there too.

    Parameters
    ----------
    path : Path
        A file, or a zip of one; a Shapefile's other parts lie beside it.
    limit_mb : int
        Most megabytes that are read, zipped and unpacked alike; asked of the disk before anything is read.

    Raises
    ------
    TableError
        It can't be read, is empty, too large, or of no known format.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="quartier-zones-") as directory:
            yield _stage(path, Path(directory), limit_mb)
    except (OSError, zipfile.BadZipFile) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _refusal(path, f"cannot be read: {reason}") from error


def _stage(path: Path, directory: Path, limit_mb: int) -> SourceFile:
    parts = [path, *(part for suffix in _SIDECARS if (part := _beside(path, suffix)).exists())]
    size = sum(part.stat().st_size for part in parts)
    if not path.stat().st_size:
        raise _refusal(path, "is empty")
    if size > limit_mb * 1_000_000:
        raise _too_large(path, limit_mb, size)
    digest = _digest(parts)
    if path.open("rb").read(4) == b"PK\x03\x04":
        main = _unpack(path, directory, limit_mb)
        return SourceFile(main, _find_format(main, path), digest)
    found = _find_format(path, path)
    main = directory / f"zones{SUFFIXES[found]}"
    main.symlink_to(path.resolve())
    for part in parts[1:] if found == "ESRI Shapefile" else ():
        main.with_suffix(part.suffix.lower()).symlink_to(part.resolve())
    return SourceFile(main, found, digest)


def _beside(path: Path, suffix: str) -> Path:
    given = path.with_suffix(suffix)
    return given if given.exists() else path.with_suffix(suffix.upper())


def _unpack(path: Path, directory: Path, limit_mb: int) -> Path:
    """Unpack the parts of one data set, counting the bytes that really come out."""
    left = limit_mb * 1_000_000
    with zipfile.ZipFile(path) as archive:
        members = [each for each in archive.infolist() if _suffix(each) in _ZIPPED and not each.is_dir()]
        mains = [each for each in members if _suffix(each) not in _SIDECARS]
        if len(mains) != 1 or len(archive.infolist()) > _MEMBERS or mains[0].flag_bits & 1:
            raise _refusal(path, f"holds {len(mains)} readable files where one is wanted")
        stem = PurePosixPath(mains[0].filename).with_suffix("")
        for member in members:
            if PurePosixPath(member.filename).with_suffix("") != stem:
                continue
            with (
                archive.open(member) as packed,
                (directory / f"zones{_suffix(member)}").open("wb") as plain,
            ):
                while chunk := packed.read(min(_CHUNK, left + 1)):
                    left -= len(chunk)
                    if left < 0:
                        raise _too_large(path, limit_mb)
                    plain.write(chunk)
    return directory / f"zones{_suffix(mains[0])}"


def _suffix(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename).suffix.lower()


def _find_format(path: Path, given: Path) -> str:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"SQLite format 3\0"):
        return "GPKG"
    if head.startswith(b"\x00\x00\x27\x0a"):
        return "ESRI Shapefile"
    if text.startswith(b"{"):
        return "GeoJSON"
    if text.startswith(b"<") and b"opengis.net/gml" in head and b"\0" not in head:
        if b"<!DOCTYPE" in path.read_bytes():
            raise _refusal(given, "declares a document type, which a GML file doesn't need")
        return "GML"
    raise _refusal(given, "is no GeoJSON, GeoPackage, Shapefile or GML, nor a zip of one")


def _digest(parts: list[Path]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _too_large(path: Path, limit_mb: int, size: int | None = None) -> TableError:
    held = f"{size / 1e6:.0f} MB" if size else "more, unpacked,"
    return _refusal(path, f"holds {held} where {limit_mb} MB are taken (QUARTIER_ZONE_FILE_LIMIT_MB)")


def _refusal(path: Path, message: str) -> TableError:
    return TableError([RowProblem(path.name, None, None, message)])
