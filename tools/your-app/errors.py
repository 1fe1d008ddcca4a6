"""What a request may be refused with."""


class ApiError(Exception):
    """Becomes an answer {"error": {"code", "message", ...details}} with this HTTP status."""

    def __init__(self, status, code, message, **details):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message, **details}}
