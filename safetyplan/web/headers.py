"""Headers on every answer. An own ``after_request``: there is no library whose defaults hold Trusted Types."""

from flask import Flask, Response, request

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), screen-wake-lock=(), usb=()"
)
_EVERYWHERE = {
    "Content-Security-Policy": CSP,
    "Permissions-Policy": PERMISSIONS,
    "Referrer-Policy": "same-origin",  # no-referrer would break the CSRF check of every HTTPS form
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


def set_up(app: Flask, *, secure: bool) -> None:
    """``secure``: served over HTTPS, so browsers are told to never try without."""

    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in _EVERYWHERE.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "assets.file" or response.status_code != 200:
            response.headers["Cache-Control"] = "no-store"
            response.headers.pop("ETag", None)
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        response.headers.pop("Server", None)
        return response
