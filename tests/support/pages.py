"""A page of the dashboard through Streamlit's AppTest."""

from streamlit.testing.v1 import AppTest

from mnist_core.system.files import REPOSITORY


def open_page(script: str | None = None) -> AppTest:
    app = AppTest.from_file(str(REPOSITORY / "streamlit_app.py"), default_timeout=60).run()
    if script:
        app = app.switch_page(script).run()
    assert not app.exception
    return app
