"""The composition root: settings, house, Flask. Everybody else is handed what they need."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from safetyplan import web
from safetyplan.founding import open_house, watch
from safetyplan.sealing.derive import derive
from safetyplan.settings import Settings, read_settings
from safetyplan.vault import House
from safetyplan.web import sessions
from safetyplan.web.pages import Options

_HERE = Path(__file__).parent
MOST_BYTES = 256 * 1024


def create_app(settings: Settings | None = None, house: House | None = None) -> Flask:
    """The service. Raises SettingsWrong, Tampered or LogUnavailable rather than start in doubt."""
    settings = settings or read_settings()
    house = house or open_house(settings)
    templates = _HERE / "templates" if (_HERE / "templates").is_dir() else _HERE.parent / "templates"
    app = Flask("safetyplan", static_folder=None, template_folder=str(templates))
    public = urlsplit(settings.public_url)
    app.config.update(
        SECRET_KEY=derive(house.secrets.current("session_salt").key, "flask"),
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        MAX_FORM_PARTS=500,
        PREFERRED_URL_SCHEME=public.scheme,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=True,
    )
    app.extensions["safetyplan.house"] = house
    app.extensions["safetyplan.watch"] = watch(settings, house)
    options = Options(
        settings.title, settings.language, settings.leave_to, secure=public.scheme == "https", talk=settings.talk
    )
    sessions.set_up(app, argon2_memory_kib=settings.argon2_memory_kib)
    web.register(app, options)
    return app
