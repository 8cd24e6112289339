# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the sandbox answers instead of success: one class, one builder for each kind.

The texts are those of the real platform (2.0.0), to the letter, because clients
decide by them. Imports nothing of ours.
"""

UNKNOWN = "SIE99"
JSON_UNMARSHAL = "SIE03"
CATALOGUE_FAILURE = "SIE01"
_INTERNAL = (
    "Something went wrong. Please try again. If the problem persists, contact your support "
    "site and provide the following error code: %s"
)
_JSON = (
    "%s  Bad request data: could not read JSON payload. "
    "Please review the following error and try again"
)


class ApiError(Exception):
    """An answer other than 200. `code_prefix` asks for a fresh internal code in the message."""

    def __init__(
        self, status: int, message: str, details: list[str] | None = None, code_prefix: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details or []
        self.code_prefix = code_prefix

    def text(self, now_ms: int) -> str:
        """The message with its internal code, which is the prefix and the time in ms."""
        return self.message % f"{self.code_prefix}-{now_ms}" if self.code_prefix else self.message


def internal(prefix: str = UNKNOWN) -> ApiError:
    """Where the platform falls over: its null pointers and unhandled methods."""
    return ApiError(500, _INTERNAL, code_prefix=prefix)


def bad_json(detail: str) -> ApiError:
    """A body that is not what the platform's classes expect. The real one sends a stack trace."""
    return ApiError(400, _JSON, [detail], code_prefix=JSON_UNMARSHAL)


def bad_field(kind: str, value: str) -> ApiError:
    """One field with a value that cannot be read; the whole request is refused."""
    return bad_json(f"Wrong {kind} value: {value}")


def bad_request(message: str) -> ApiError:
    """A request that was understood and is not allowed to be like this."""
    return ApiError(400, message)


def invalid_credential(token: str | None) -> ApiError:
    """The platform sends the token back, which is why clients must not log this body."""
    return ApiError(401, f"Invalid credential {'null' if token is None else token}")


def forbidden(source: str, target: str, permission: str) -> ApiError:
    """No right on that entity. The two spaces are the platform's."""
    return ApiError(
        403, f"Entity {source} has not permission to {permission}  info about entity {target}"
    )


def method_not_allowed(method: str) -> ApiError:
    """A POST that is not a disguised PUT."""
    return ApiError(405, f"HTTP {method} method not allowed for the requested resource")


def invalid_path(target: str) -> ApiError:
    """Too many or too few parts in the path."""
    return bad_request(f"Invalid path was requested:{target}")


def no_handler(target: str) -> ApiError:
    """A wrong base path: nothing was looked at, nothing was stored."""
    return ApiError(404, f"handler not found to process request {target}")
