"""A page of the dashboard through Streamlit's AppTest."""

from streamlit.testing.v1 import AppTest

from mnist_core.system.files import REPOSITORY


def open_page(script: str = "streamlit_app.py", **query: str) -> AppTest:
    """The page of this script, opened at an address with this query."""
    app = AppTest.from_file(str(REPOSITORY / "streamlit_app.py"), default_timeout=60).run()
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
