"""A picture as PNG: as bytes, and as an address that holds it."""

import base64
import io

import numpy as np
from PIL import Image


def png(picture: np.ndarray) -> bytes:
    """The uint8 picture, (height, width) or (height, width, 3), as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def data_address(picture: np.ndarray) -> str:
    """The same as the address of an <img>."""
    return f"data:image/png;base64,{base64.b64encode(png(picture)).decode()}"
