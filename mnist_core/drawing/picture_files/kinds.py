"""What a file is, by its first bytes: its name's ending does not decide."""

import re
import struct

from mnist_core.errors import RequestError

HEAD = 4096  # bytes that tell the kind
READ = "give a PNG, JPEG, HEIC, WebP, AVIF, TIFF, GIF, BMP, JPEG 2000, ICO or PPM file"
ENDINGS = [
    *("png", "jpg", "jpeg", "jfif", "heic", "heif", "webp", "avif", "tif", "tiff", "gif", "bmp"),
    *("jp2", "j2k", "ico", "ppm", "pgm", "pbm"),
]  # of what is read; an uploader offers these
_SAVE = "save it as a PNG or JPEG file"
_PAGE = "give a picture of the page, for example a PNG or JPEG file"
_UNPACK = "unpack it and give the pictures in it"
_FRAME = "give a picture of one moment of it, for example a PNG or JPEG file"

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2"}
_AVIF_BRANDS = {b"avif", b"avis"}

# Pillow's name of what is read -> how it begins.
_PICTURES = {
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "JPEG": rb"\xff\xd8\xff",
    "GIF": rb"GIF8[79]a",
    "BMP": rb"BM.{12}[\x0c-\x7c]\0\0\0",
    "WEBP": rb"RIFF....WEBP",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "JPEG2000": rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n",
    "ICO": rb"\0\0\x01\0[^\0]",
    "PPM": rb"P[1-6][\s#]",
}

# What is not read: how it begins, what it is called, and what to do instead.
_OTHERS = (
    (rb"%PDF-|.{1,1000}%PDF-1", "a PDF document", _PAGE),
    (rb"IIRO|IIRS|IIU\0|FUJIFILMCCD-RAW|FOVb|\0MRM", "a raw photograph", _SAVE),
    (rb"8BPS", "a Photoshop document", _SAVE),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript document", _PAGE),
    (rb"gimp xcf", "a GIMP document", _SAVE),
    (rb"v/1\x01", "an OpenEXR picture", _SAVE),
    (rb"#\?R(ADIANCE|GBE)", "a Radiance picture", _SAVE),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture", _SAVE),
    (rb"\0\0\x02\0.{18}|icns|\x0a[\0-\x05]\x01[\x01\x02\x04\x08]|DDS |qoif", "a rare kind of picture", _SAVE),
    (rb".{128}DICM", "a DICOM picture", _SAVE),
    (rb"AT&TFORM", "a DjVu document", _PAGE),
    (rb"PK\x03\x04.{0,4000}?(word/|ppt/|xl/)|\xd0\xcf\x11\xe0", "an Office document", _PAGE),
    (rb"PK\x03\x04.{26}mimetype", "a document", _PAGE),
    (rb"\{\\rtf", "a text document", _PAGE),
    (rb"PK[\x03\x05]|\x1f\x8b|7z\xbc\xaf|Rar!|BZh\d|\xfd7zXZ|\x28\xb5\x2f\xfd|.{257}ustar", "an archive", _UNPACK),
    (rb"\x1aE\xdf\xa3|RIFF....AVI |\0\0\x01[\xb3\xba]|FLV\x01|0&\xb2u|.{4}(moov|mdat|wide|free)", "a video", _FRAME),
    (rb"ID3|\xff[\xf2\xf3\xfb]|OggS|fLaC|RIFF....WAVE", "a sound", READ),
    (rb"\x7fELF|MZ.{30}", "a program", READ),
    (rb"SQLite format 3", "a database", READ),
    (rb"version https://git-lfs", "a pointer of Git LFS and no picture", "fetch it with `git lfs pull`"),
)
_DNG_VERSION, _SUBFILE, _SUB_IFDS = 0xC612, 0xFE, 0x14A  # tags of TIFF
_SVG = re.compile(rb"\s*(<\?xml.*?)?\s*(<!--.*?-->\s*)*(<!DOCTYPE svg.*?>\s*)?<svg[\s>]", re.DOTALL)
_HTML = re.compile(rb"\s*<(!doctype html|html|head|body)", re.IGNORECASE)


def kind_of(head: bytes, name: str) -> str:
    """Pillow's name of what is read; raises RequestError, a sentence that names what the file `name` is instead.

    `head` are its first `HEAD` bytes.
    """
    if head[4:8] == b"ftyp":
        return _boxed(head, name)
    if _is_raw(head):
        raise _other(name, "a raw photograph", _SAVE)
    for kind, begins in _PICTURES.items():
        if re.match(begins, head, re.DOTALL):
            return kind
    for begins, called, instead in _OTHERS:
        if re.match(begins, head, re.DOTALL):
            raise _other(name, called, instead)
    if not head:
        raise RequestError(f"{name} is empty: {READ}.")
    if not head.strip(b"\0"):
        raise RequestError(f"{name} holds zeros alone: save or copy it again.")
    plain = head.lstrip(b"\xef\xbb\xbf")
    if _SVG.match(plain):
        raise _other(name, "an SVG drawing", _SAVE)
    if _HTML.match(plain):
        raise _other(name, "a web page", READ)
    if _is_text(head):
        raise _other(name, "a text and no picture", READ)
    raise RequestError(f"{name} is not a picture: {READ}.")


def _other(name: str, called: str, instead: str) -> RequestError:
    return RequestError(f"{name} is {called}: {instead}.")


def _boxed(head: bytes, name: str) -> str:
    """Of a file of boxes (ISO 14496-12): its brands tell pictures from videos."""
    size = min(max(int.from_bytes(head[:4]), 16), 512)
    brands = {head[8:12]} | {head[at : at + 4] for at in range(16, size, 4)}
    if head[8:12] == b"crx ":
        raise _other(name, "a raw photograph", _SAVE)
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIF_BRANDS:
        return "HEIF"
    raise _other(name, "a sound" if head[8:11] == b"M4A" else "a video", _FRAME)


def _is_raw(head: bytes) -> bool:
    """Whether a TIFF file is a camera's raw photograph, whose first picture is but a small preview."""
    if head[:4] not in (b"II*\0", b"MM\0*"):
        return False
    if head[8:10] == b"CR":  # Canon's
        return True
    order = "<" if head[:1] == b"I" else ">"
    (at,) = struct.unpack_from(order + "I", head.ljust(8, b"\0"), 4)
    tags: dict[int, int] = {}
    if at + 2 <= len(head):
        (count,) = struct.unpack_from(order + "H", head, at)
        for place in range(at + 2, min(at + 2 + 12 * count, len(head) - 11), 12):
            tag, kind, _ = struct.unpack_from(order + "HHI", head, place)
            (tags[tag],) = struct.unpack_from(order + ("H" if kind == 3 else "I"), head, place + 8)
    return _DNG_VERSION in tags or (tags.get(_SUBFILE) == 1 and _SUB_IFDS in tags)


def _is_text(head: bytes) -> bool:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or len(head) < HEAD:  # the last character may be cut off
            return False
        text = head[: error.start].decode("utf-8")
    return all(character.isprintable() or character.isspace() for character in text)
