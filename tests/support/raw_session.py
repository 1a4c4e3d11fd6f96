"""A session with the real server without a browser: the websocket's own messages, which anybody can write."""

import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

SECONDS = 60.0


@contextmanager
def raw_session(address: str, cookies: Mapping[str, str], resumed: str = "") -> Iterator["RawSession"]:
    """One websocket to `address`, with these cookies.

    `resumed` is the id of another session, which a browser sends when its connection was lost.
    """
    words = ["streamlit", cookies.get("_streamlit_xsrf", "none"), *([resumed] if resumed else [])]
    with connect(
        f"ws://{urllib.parse.urlparse(address).netloc}/_stcore/stream",
        origin=Origin(address),
        subprotocols=[Subprotocol(word) for word in words],
        additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())},
        max_size=None,
    ) as socket:
        yield RawSession(socket)


class RawSession:
    """What is sent and received on it; `elements` is what the last script run has shown."""

    def __init__(self, socket: ClientConnection) -> None:
        self.elements: list[Any] = []
        self.redirect = ""  # where the browser was last sent
        self.session_id = ""
        self.live: dict[str, float] = {}  # fragments that the page wants run again, and after how many seconds
        self._page = ""  # the hash of the page that is open
        self._socket = socket

    def open(self, page: str = "", query: str = "") -> "RawSession":
        """Run the script of a page, "" for Home."""
        self.live = {}
        return self._run(ClientState(page_name=page, query_string=query))

    def refresh(self, fragment: str) -> "RawSession":
        """Run one fragment again."""
        return self._run(ClientState(page_script_hash=self._page, fragment_id=fragment, is_auto_rerun=True))

    def press(self, label: str) -> "RawSession":
        """Send what a press of the button with this label sends, whether or not it is disabled."""
        return self.press_id(self.button(label).id)

    def press_id(self, widget: str) -> "RawSession":
        """The same, for a button that may never have been shown here."""
        state = ClientState(page_script_hash=self._page)
        state.widget_states.widgets.add(id=widget, trigger_value=True)
        return self._run(state)

    def button(self, label: str) -> Any:
        return next(one.button for one in self.elements if one.HasField("button") and one.button.label == label)

    def kinds(self) -> list[str]:
        """Of all elements, in order."""
        return [str(one.WhichOneof("type")) for one in self.elements]

    def text(self) -> str:
        """All that the last script run has shown, as protobuf's text."""
        return "\n".join(map(str, self.elements))

    def _run(self, state: ClientState) -> "RawSession":
        self._socket.send(BackMsg(rerun_script=state).SerializeToString())
        self.elements = []
        while True:
            content = self._socket.recv(timeout=SECONDS)
            assert isinstance(content, bytes)
            message = ForwardMsg.FromString(content)
            if message.HasField("auth_redirect"):
                self.redirect = message.auth_redirect.url
            elif message.HasField("new_session"):
                self.session_id = message.new_session.initialize.session_id
            elif message.HasField("auto_rerun"):
                self.live[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            elif message.HasField("navigation"):
                self._page = message.navigation.page_script_hash
            elif message.HasField("delta") and message.delta.HasField("new_element"):
                self.elements.append(message.delta.new_element)
            elif message.WhichOneof("type") == "script_finished":
                return self
