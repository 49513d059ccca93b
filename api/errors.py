"""Errors are part of the interface: each exception becomes a problem+json (RFC 9457) in the reader's words.

One table maps geo's exceptions to a status and a sentence. A 500 says nothing of the inside.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.allowed import allowed_methods
from api.impossible import OTHER, impossible_words
from api.language import language_of
from geo import errors
from geo.db.failures import tell
from geo.errors import QuartierError
from geo.vocabulary import Lang, Text
from maps.web.i18n import translate

PageOfProblem = Callable[[Request, dict[str, Any], Lang], Response]

logger = logging.getLogger("quartier")


def N_(message: str) -> str:  # noqa: N802 - the name by which Babel finds messages
    """Mark a message for the catalogues."""
    return message


class BadParameters(QuartierError):
    """Query parameters that were refused, each with its reason."""

    code = "bad-parameters"

    def __init__(self, faults: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self.faults = faults


class NotAcceptable(QuartierError):
    """Nothing that the request accepts is offered. Params: offered (media types)."""

    code = "not-acceptable"


class UnsupportedType(QuartierError):
    """A body of a media type that the address doesn't take. Params: taken (media types)."""

    code = "unsupported-type"


#: Exception → status, title, detail. The nearest class in the exception's ancestry counts.
PROBLEMS: dict[type[QuartierError], tuple[int, str, str]] = {
    QuartierError: (500, N_("Something went wrong on our side"), N_("Please try again in a moment.")),
    BadParameters: (400, N_("This request has parameters we cannot read"), N_("See the list of errors.")),
    NotAcceptable: (
        406,
        N_("None of the formats you accept is offered"),
        N_("This address answers in: %(offered)s."),
    ),
    UnsupportedType: (
        415,
        N_("This address does not take this kind of content"),
        N_("It takes: %(taken)s."),
    ),
    errors.NotFound: (404, N_("Not found"), N_("There is nothing at this address (any more).")),
    errors.UnknownZone: (404, N_("No such zone"), N_("There is no zone %(zone)s.")),
    errors.OutsideRegion: (
        400,
        N_("Outside the Brussels Region"),
        N_("This place lies outside the Brussels-Capital Region, which is all that Quartier covers."),
    ),
    errors.UnknownIndicator: (
        400,
        N_("No such figure"),
        N_("There is no figure “%(value)s” for these zones."),
    ),
    errors.MixedZones: (
        400,
        N_("These zones cannot be compared"),
        N_("Only zones of one kind and one edition stand side by side. Here are several: %(found)s."),
    ),
    errors.TooManyZones: (
        400,
        N_("Too many zones"),
        N_(
            "At most %(most)s zones stand side by side; here are %(number)s. To see all, leave the zones out."
        ),
    ),
    errors.InvalidParameter: (
        400,
        N_("This request has parameters we cannot read"),
        N_("%(name)s: expected %(expected)s."),
    ),
    errors.InvalidFilter: (400, N_("This filter cannot be taken"), N_("See the list of errors.")),
    errors.UnknownValue: (
        400,
        N_("This request has parameters we cannot read"),
        N_("%(name)s: %(value)s does not exist."),
    ),
    errors.UnknownParameter: (
        400,
        N_("This request has parameters we cannot read"),
        N_("%(name)s is not known here. Known: %(known)s."),
    ),
    errors.InputRefused: (422, N_("Some answers need another look"), N_("See the list of errors.")),
    errors.ContentRefused: (
        422,
        N_("Some answers need another look"),
        N_("See the list of errors."),
    ),
    errors.StaleVersion: (
        412,
        N_("Somebody changed this in the meantime"),
        N_("Reload it, look at the difference, and send your change again."),
    ),
    errors.PreconditionNeeded: (
        428,
        N_("Say which version you changed"),
        N_("Send the header %(header)s with the version that you read, so that nobody's work is lost."),
    ),
    errors.NotSignedIn: (401, N_("Please sign in"), N_("This is for people who are signed in.")),
    errors.NotAllowed: (
        403,
        N_("You may not do this"),
        N_("Your role or your team does not include this. An administrator can change that."),
    ),
    errors.SecondFactorNeeded: (
        403,
        N_("A second step is needed"),
        N_(
            "Your role asks for a second step when you sign in: a passkey or a code. Add one in your account."
        ),
    ),
    errors.LastFactor: (
        403,
        N_("This is your last second step"),
        N_("Your role asks for a second step when you sign in. Add another one first, then remove this one."),
    ),
    errors.LastCoordinator: (
        403,
        N_("A team keeps a coordinator"),
        N_("Make somebody else coordinator first. An administrator can leave a team without one."),
    ),
    errors.LastAdministrator: (
        403,
        N_("Somebody must remain an administrator"),
        N_("You cannot take this role from yourself, nor from the last one. Ask another administrator."),
    ),
    errors.OutsideMandate: (
        403,
        N_("Outside the area of your team"),
        N_("This lies outside the area of your team: %(outside)s."),
    ),
    errors.CrossSite: (
        403,
        N_("This form is too old"),
        N_("It did not come from a page you have open now. Go back, load the page again, and send it again."),
    ),
    errors.WrongStep: (
        409,
        N_("This step is not possible now"),
        N_("It is “%(status)s” at the moment, so “%(step)s” cannot be done."),
    ),
    errors.AlreadyThere: (409, N_("This exists already"), N_("Something else has this identifier already.")),
    errors.IncompleteDivision: (
        409,
        N_("This division is not complete"),
        N_("Parts that are in none of its zones yet: %(number)s."),
    ),
    errors.FictionalDivision: (
        409,
        N_("An example cannot be adopted"),
        N_("It is invented. Copy it and make it yours first."),
    ),
    errors.EditionTooEarly: (
        409,
        N_("Another edition is in the way"),
        N_("The edition %(edition)s begins on %(valid_from)s. Choose a later day, or take that one back."),
    ),
    errors.NothingToRevert: (
        409,
        N_("There is nothing to take back"),
        N_("No adopted division plays this level now."),
    ),
    errors.UnknownEdition: (404, N_("No such edition"), N_("There is no edition %(division)s.")),
    errors.UnknownCrosswalk: (
        404,
        N_("Not computed yet"),
        N_("How %(start)s lies over %(end)s has not been computed yet."),
    ),
    errors.NoCommonGround: (
        409,
        N_("These two cannot be compared"),
        N_("Limits of %(start)s or of %(end)s are not known."),
    ),
    errors.RunUnderWay: (
        409,
        N_("Something is being computed for you already"),
        N_("Wait for it to end, or cancel it; then ask again."),
    ),
    errors.Impossible: (422, N_("No such division is possible"), OTHER),
    errors.NoStreets: (
        404,
        N_("No streets are loaded"),
        N_("Minutes are estimated here from straight lines; ways and areas on foot cannot be told."),
    ),
    errors.FarFromStreets: (
        422,
        N_("This place is far from any street"),
        N_("The nearest street that can be walked is %(distance_m)s m away; at most %(most_m)s m is taken."),
    ),
    errors.NoWay: (
        404,
        N_("No way on foot is known"),
        N_("With what is known of the streets, nobody can walk from one place to the other."),
    ),
    errors.PlaceNotTold: (
        404,
        N_("Its place is not told"),
        N_("“%(service)s” has no place that is told. Call first."),
    ),
    errors.CannotAggregate: (
        409,
        N_("This figure cannot be added up"),
        N_("“%(indicator)s” is a median, a mean or an index: the figures of parts say nothing of the whole."),
    ),
    errors.LinkUseless: (
        410,
        N_("This link no longer works"),
        N_("It has been used, it has ended, or it is incomplete. Ask for a new one."),
    ),
    errors.SignInFailed: (
        401,
        N_("We could not sign you in"),
        N_("The address, the password or the code is not right."),
    ),
    errors.TooMany: (
        429,
        N_("Too many attempts"),
        N_("Please wait %(retry_after_s)s seconds, then try again."),
    ),
    errors.TooLarge: (413, N_("Too much was sent"), N_("At most %(limit_mb)s MB is taken at once.")),
    errors.EnvironmentLacking: (
        503,
        N_("Quartier is not available right now"),
        N_("It should be back in a moment. Emergency numbers stay on every page."),
    ),
    errors.DatabaseUnavailable: (
        503,
        N_("Quartier is not available right now"),
        N_("It should be back in a moment. Emergency numbers stay on every page."),
    ),
    errors.TooSlow: (
        503,
        N_("This request took too long"),
        N_("Ask for less at a time, or try again in a moment."),
    ),
}

#: Faults of single parameters, by pydantic's or our own type. Gaps are filled from the fault's context.
FAULTS: dict[str, str] = {
    "unknown_parameter": N_("This parameter is not known here. Known: %(known)s."),
    "given_twice": N_("Give this parameter once."),
    "missing": N_("This parameter is needed."),
    "extra_forbidden": N_("This field is not known here."),
    "int_parsing": N_("A whole number is expected."),
    "int_from_float": N_("A whole number is expected."),
    "float_parsing": N_("A number is expected."),
    "finite_number": N_("A finite number is expected."),
    "bool_parsing": N_("true or false is expected."),
    "control_characters": N_("Control characters are not allowed."),
    "bbox_longitudes": N_("Longitudes lie between -180 and 180, west before east."),
    "bbox_latitudes": N_("Latitudes lie between -90 and 90, south before north."),
    "point_on_earth": N_("A longitude and a latitude are expected, in degrees: lon,lat."),
    "one_destination": N_("Give either to or to_service."),
    "greater_than": N_("It must be more than %(gt)s."),
    "greater_than_equal": N_("It must be at least %(ge)s."),
    "less_than_equal": N_("It must be at most %(le)s."),
    "string_too_short": N_("It must have at least %(min_length)s characters."),
    "string_too_long": N_("It must have at most %(max_length)s characters."),
    "too_long": N_("At most %(max_length)s values are allowed."),
    "literal_error": N_("One of these is expected: %(expected)s."),
    "enum": N_("One of these is expected: %(expected)s."),
    "string_pattern_mismatch": N_("This is not written as expected (pattern %(pattern)s)."),
    "timezone_aware": N_(
        "A date and time with its time zone is expected, for example 2026-11-22T10:00:00+01:00."
    ),
    "datetime_from_date_parsing": N_(
        "A date and time with its time zone is expected, for example 2026-11-22T10:00:00+01:00."
    ),
    "datetime_parsing": N_(
        "A date and time with its time zone is expected, for example 2026-11-22T10:00:00+01:00."
    ),
    "horizon": N_("Opening hours are known from today and for %(days)s days ahead."),
    "uuid_parsing": N_("An identifier (UUID) is expected."),
    "unknown_value": N_("%(value)s does not exist."),
    "web_address": N_("A web address that begins with https:// or http:// is expected."),
    "mail_address": N_("A mail address is expected, such as info@example.org."),
    "telephone": N_("A telephone number is expected: digits, spaces, and + ( ) / . - where needed."),
    "string_unicode": N_("Control characters are not allowed."),
    "ends_before_start": N_("The end comes before the start (%(start)s)."),
    "geometry_type": N_("A GeoJSON geometry of type %(expected)s is expected, not %(found)s."),
    "geometry_numbers": N_("The coordinates are not pairs of finite numbers: longitude, latitude."),
    "geometry_crs": N_("Coordinates in degrees (EPSG:4326) are expected."),
    "geometry_metres": N_(
        "%(lon)s, %(lat)s look like metres (Belgian Lambert). Degrees are expected: longitude, latitude."
    ),
    "geometry_swapped": N_("%(lon)s, %(lat)s look swapped. Longitude comes first, then latitude."),
    "geometry_far": N_("%(lon)s, %(lat)s lies far from Brussels."),
    "geometry_outside": N_("It lies outside the Brussels-Capital Region, near %(lon)s, %(lat)s."),
    "geometry_ring": N_("The outline near %(lon)s, %(lat)s does not end where it begins."),
    "geometry_vertices": N_("The outline has too many points. At most %(max)s are allowed."),
    "geometry_crosses": N_("The outline crosses itself near %(lon)s, %(lat)s."),
    "geometry_invalid": N_("The outline does not enclose an area."),
    "geometry_no_area": N_("The area has no size."),
    "json_invalid": N_("This is not valid JSON."),
    "value_error": N_("This value is not allowed: %(error)s."),
    "timezone_naive": N_("A time on the clock in Brussels is expected, without an offset: 2026-11-24T14:00."),
    "year_too_far": N_("This year lies too far away."),
    "duration": N_("It lasts between one minute and a day."),
    "rule_unreadable": N_("This is not a rule of RFC 5545, for example FREQ=WEEKLY;BYDAY=TU."),
    "rule_too_often": N_("An activity comes back once a day at most: DAILY, WEEKLY, MONTHLY or YEARLY."),
    "rule_combination": N_("A rule with these parts together is not taken."),
    "rule_ends_twice": N_("A rule ends by COUNT or by UNTIL, not by both."),
    "rule_end": N_("UNTIL is a day such as 20270630, or a moment such as 20270630T215959Z."),
    "rule_ends_early": N_("The end lies before the first time."),
    "rule_without_date": N_("This rule gives no date."),
    "no_date_left": N_("No date is left."),
    "too_many_dates": N_("At most %(most)s dates are taken."),
    "too_often_a_day": N_("An activity takes place at most %(most)s times a day."),
    "where_missing": N_("Say where it takes place: an address, or a neighbourhood."),
    "no_such_date": N_("The activity does not take place then."),
    "not_known": N_("%(value)s does not exist."),
    "day_passed": N_("This day has passed."),
    "two_zones": N_("At least two zones with something in them are needed."),
    "six_months": N_("A notice stays six months at most."),
    "filter_syntax": N_("It cannot be understood from character %(at)s on."),
    "filter_not_closed": N_("The parenthesis at character %(at)s is not closed."),
    "filter_too_long": N_("It is too long. At most %(most)s characters are taken."),
    "filter_too_deep": N_("Its parts lie too deep in one another. At most %(most)s levels are taken."),
    "filter_too_many": N_("It has too many parts. At most %(most)s are taken."),
    "filter_unknown": N_("“%(word)s” is not known here. Known: %(known)s."),
    "filter_type": N_("“%(word)s” expects %(expected)s here, not %(found)s."),
    "filter_arguments": N_("“%(word)s” expects another number of values: %(number)s."),
    "filter_literal": N_("“%(value)s” is not written as expected: %(expected)s."),
    "filter_value": N_("“%(value)s” is no value that can be compared."),
    "filter_pattern": N_("After LIKE a text in quotes is expected, not ending with a lone \\: %(value)s."),
    "filter_geometry": N_("This geometry cannot be taken: %(value)s (%(why)s)."),
    "filter_collection": N_("“%(word)s” takes no collection that mixes points, lines and areas."),
}
OTHER_FAULT = N_("This value is not allowed.")

#: Seconds after which a reader may try again while the database recovers.
RETRY_AFTER_S = 5


def problem_of(error: QuartierError, lang: Lang) -> dict[str, Any]:
    """Return the problem details of an exception, in the reader's language."""
    status, title, detail = next(PROBLEMS[cls] for cls in type(error).__mro__ if cls in PROBLEMS)
    problem: dict[str, Any] = {
        "type": f"urn:quartier:problem:{error.code}",
        "title": translate(lang, title),
        "status": status,
        "detail": translate(lang, detail, **{name: told(each, lang) for name, each in error.params.items()}),
    }
    if isinstance(error, errors.Impossible):
        problem |= {"constraint": error.constraint, "detail": impossible_words(error.params, lang)}
    if isinstance(error, errors.TooMany):
        problem["retry_after_s"] = error.params["retry_after_s"]
    if type(error) is errors.NotAllowed:  # for programs: which scope the token lacks
        problem["right"] = str(error.params["right"])
    if isinstance(error, BadParameters):
        faults = [fault_of(fault, lang) for fault in error.faults]
        problem |= {
            "errors": faults,
            "detail": "; ".join(f"{each['field']}: {each['detail']}" for each in faults[:5]),
        }
    if isinstance(error, errors.InvalidFilter):
        fault = fault_of({"loc": (error.params["name"],), "type": error.kind, "ctx": error.params}, lang)
        problem |= {"errors": [fault], "detail": f"{fault['field']}: {fault['detail']}"}
    elif isinstance(error, errors.InvalidParameter | errors.UnknownParameter):
        problem["errors"] = [{"field": error.params["name"], "detail": problem["detail"]}]
    if isinstance(error, errors.StaleVersion) and "mine" in error.params:
        problem["version"] = error.params["found"]
        problem |= {side: [asdict(each) for each in error.params[side]] for side in ("mine", "theirs")}
    if isinstance(error, errors.ContentRefused):
        problem["errors"] = [told_fault(each, lang) for each in error.faults]
    elif isinstance(error, errors.InputRefused):
        problem["errors"] = [{"field": each.column, "detail": each.message} for each in error.problems]
    return problem


def told(value: Any, lang: Lang) -> str:
    """Return a fact of an exception in words: texts in the reader's language, several with commas."""
    if isinstance(value, Text):
        found = value.in_language(lang)
        return found[0] if found else ""
    if isinstance(value, tuple):
        return ", ".join(told(each, lang) for each in value)
    return str(value)


def told_fault(fault: errors.Fault, lang: Lang) -> dict[str, str]:
    """Return what geo found wrong with one field as its name and a sentence."""
    return fault_of({"loc": (fault.field,), "type": fault.kind, "ctx": fault.params}, lang)


def fault_of(fault: Mapping[str, Any], lang: Lang) -> dict[str, str]:
    """Return one parameter's fault as its name and a sentence."""
    loc = fault["loc"]
    where = loc[1:] if len(loc) > 1 and loc[0] in ("query", "body", "path") else loc
    field = ".".join(map(str, where))
    context = {name: str(each) for name, each in (fault.get("ctx") or {}).items()}
    message = FAULTS.get(fault["type"], OTHER_FAULT)
    try:
        return {"field": field, "detail": translate(lang, message, **context)}
    except KeyError:
        return {"field": field, "detail": translate(lang, OTHER_FAULT)}


def problem_response(problem: Mapping[str, Any], lang: Lang) -> Response:
    """Return problem details as `application/problem+json`."""
    headers = {"Content-Language": lang, "Cache-Control": "no-store"}
    if problem["status"] in (429, 503):
        headers["Retry-After"] = str(problem.get("retry_after_s", RETRY_AFTER_S))
    body = json.dumps(problem, ensure_ascii=False).encode()
    return Response(body, problem["status"], headers, media_type="application/problem+json")


def plain_problem(status: int, lang: Lang) -> dict[str, Any]:
    """Return the problem of a status that no exception of geo stands for."""
    titles = {404: N_("Not found"), 405: N_("This address does not take that method")}
    title = translate(lang, titles.get(status, N_("This request could not be answered")))
    return {"type": "about:blank", "title": title, "status": status, "detail": title}


def translate_failure(error: Exception) -> QuartierError | None:
    """Return what a failure means in geo's words, or None if it is a fault of ours."""
    if isinstance(error, QuartierError):
        return error
    return tell(error)


def wants_page(request: Request) -> bool:
    """Return whether the answer goes to a person: programs ask other addresses, or ask for other types."""
    for_programs = request.url.path.startswith(("/api/", "/hsds", "/health")) or (
        request.url.path.startswith("/ogc") and request.query_params.get("f", "html") != "html"
    )
    return not for_programs and "text/html" in (request.headers.get("accept") or "")


def install(app: FastAPI, page: PageOfProblem) -> None:
    """Register the handlers; `page` shows a problem to people, in the frame of the pages."""

    def respond(request: Request, problem: dict[str, Any], lang: Lang) -> Response:
        return page(request, problem, lang) if wants_page(request) else problem_response(problem, lang)

    @app.exception_handler(QuartierError)
    async def refused(request: Request, error: QuartierError) -> Response:
        lang = language_of(request)
        return respond(request, problem_of(error, lang), lang)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        lang = language_of(request)
        found = error.errors()
        in_body = any(fault["loc"] and fault["loc"][0] == "body" for fault in found)
        problem = problem_of(BadParameters(found), lang) | {"status": 422 if in_body else 400}
        return respond(request, problem, lang)

    @app.exception_handler(HTTPException)
    async def refused_by_http(request: Request, error: HTTPException) -> Response:
        if isinstance(error.__cause__, QuartierError):  # FastAPI's words for a body that we refused to read
            return await refused(request, error.__cause__)
        lang = language_of(request)
        response = respond(request, plain_problem(error.status_code, lang), lang)
        response.headers.update(error.headers or {})
        if error.status_code == 405:
            response.headers["Allow"] = ", ".join(allowed_methods(request))
        return response

    app.add_middleware(Failures, respond=respond)


class Failures:
    """ASGI middleware: whatever no handler took becomes a problem.

    A handler of `Exception` would run outside all middleware, without the headers that every answer
    carries, and the server would write the exception, values and all, into its log once more.
    """

    def __init__(self, app: ASGIApp, respond: PageOfProblem) -> None:
        self.app = app
        self.respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer for it when it fails before it answered."""
        started = False

        async def send_on(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            request = Request(scope)
            lang = language_of(request)
            told = translate_failure(error)
            if told is None:
                log_failure(request, error)
            answer = self.respond(request, problem_of(told or QuartierError(), lang), lang)
            await answer(scope, receive, send)


def log_failure(request: Request, error: Exception) -> None:
    """Write where it failed: neither query nor message of the exception, which hold what people asked.

    Of the address its pattern alone: a mailed link opens something as long as it was not used.
    """
    frames = "".join(traceback.format_tb(error.__traceback__))
    pattern = getattr(request.scope.get("route"), "path", "?")
    logger.error("failed: %s %s: %s\n%s", request.method, pattern, type(error).__name__, frames)
