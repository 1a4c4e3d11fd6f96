"""A page of the dashboard through Streamlit's AppTest."""

from typing import Any

from streamlit.testing.v1 import AppTest

from mnist_core.system.files import REPOSITORY

SECRETS = {
    "auth": {
        "redirect_uri": "http://localhost:8501/oauth2callback",
        "cookie_secret": "0123456789abcdef" * 2,
        "client_id": "mnist-lab",
        "client_secret": "known to the provider",
        "server_metadata_url": "http://localhost:9400/.well-known/openid-configuration",
    },
    "access": {"editors": ["teacher@school.org"]},
}


def open_page(script: str = "streamlit_app.py", **query: str) -> AppTest:
    """The page of this script, opened at an address with this query."""
    return _opened(AppTest.from_file(str(REPOSITORY / "streamlit_app.py"), default_timeout=60), script, query)


def open_as(who: dict[str, Any], script: str = "streamlit_app.py", **query: str) -> AppTest:
    """The same where sign-in is configured, and somebody with these claims is signed in."""
    app = AppTest.from_file(str(REPOSITORY / "streamlit_app.py"), default_timeout=60)
    app.secrets, app.user = SECRETS, {"is_logged_in": True, "email_verified": True} | who
    return _opened(app, script, query)


def _opened(app: AppTest, script: str, query: dict[str, str]) -> AppTest:
    app.run()
    if script != "streamlit_app.py":
        app.switch_page(script)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
    assert not app.exception
    return app


def checked(app: AppTest) -> AppTest:
    """The page, without a traceback or an error on it."""
    assert not app.exception
    assert not app.error
    return app
