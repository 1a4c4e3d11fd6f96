"""What a value in a run's files may be: a file that says something else is damaged. And why, in words."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from mnist_core.system.plain_text import MAX_NAME, MAX_NOTE, harmless, harmless_lines

_FAR = 7_258_118_400  # seconds: the year 2200
_HUGE = 1e40  # more than a float32 holds, and sums of it are still numbers

Time = Annotated[float, Field(ge=0, le=_FAR)]  # seconds since the epoch
Seconds = Annotated[float, Field(ge=0, le=_FAR)]
Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0, le=10)]  # a learning rate; as a schedule scales it, 0 as well
Momentum = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=0, le=1 << 53)]
Epoch = Annotated[int, Field(ge=0, le=100_000)]
Loss = Annotated[float, Field(ge=-_HUGE, le=_HUGE)]
Speed = Annotated[float, Field(ge=0, le=1e12)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")]
Word = Annotated[str, Field(max_length=200), AfterValidator(harmless)]
# What people wrote is shown whatever it is, made harmless.
Name = Annotated[str, AfterValidator(lambda text: harmless(text, MAX_NAME))]
Note = Annotated[str, AfterValidator(lambda text: harmless_lines(text, MAX_NOTE))]
Sentence = Annotated[str, AfterValidator(lambda text: harmless(text, 1000))]


def reason(error: ValidationError) -> str:
    """What is wrong first, for a person: "created: input should be less than or equal to 7258118400"."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    said = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
    return harmless(f"{place}: {said}" if place else said, 200).rstrip(".")
