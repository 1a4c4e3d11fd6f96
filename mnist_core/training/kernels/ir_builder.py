"""Functions of vectors and counted loops, written in Python and compiled by LLVM for the processor that runs them.

A thin layer over llvmlite's IRBuilder: arrays with several dimensions whose elements are vectors of `LANES` floats (one
lane a digit), loops, and sums that a loop carries in registers. A Python loop around it unrolls what it writes.
"""

import contextlib
import ctypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import llvmlite.binding as llvm
from llvmlite import ir

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
llvm.initialize_native_asmparser()  # for the pause in thread_pool.py
_FEATURES = llvm.get_host_cpu_features()
LANES = 16 if _FEATURES.get("avx512f") else 8 if _FEATURES.get("avx2") else 4  # floats in a vector register
_TRIPLE = llvm.get_default_triple()
REGISTERS = 32 if LANES == 16 or _TRIPLE.startswith(("aarch64", "arm64")) else 16  # how many of them there are

INT64, _INT32 = ir.IntType(64), ir.IntType(32)
FLOAT, VECTOR = ir.FloatType(), ir.VectorType(ir.FloatType(), LANES)
BYTES = ir.VectorType(ir.IntType(8), LANES)
ZERO = ir.Constant(VECTOR, [0.0] * LANES)


@dataclass(frozen=True)
class Index:
    """A sum of running numbers, each times a constant, and a constant: what an element's place is computed from."""

    terms: tuple[tuple[ir.Value, int], ...] = ()
    constant: int = 0

    def __add__(self, other: "Index | int") -> "Index":
        other = _index(other)
        return Index(self.terms + other.terms, self.constant + other.constant)

    def __mul__(self, factor: int) -> "Index":
        return Index(tuple((value, times * factor) for value, times in self.terms), self.constant * factor)


def _index(number: Index | int) -> Index:
    return number if isinstance(number, Index) else Index((), number)


@dataclass(frozen=True)
class Array:
    """Elements in memory, the last dimension's next to one another: floats, vectors of floats or vectors of bytes."""

    start: ir.Value
    shape: tuple[int, ...]

    def offset(self, index: Sequence[Index | int]) -> Index:
        """How many elements after the first the one at `index` lies."""
        place = Index()
        for number, size in zip(index, self.shape, strict=True):
            place = place * size + number
        return place


class Compiled:
    """Functions by name: called with addresses and whole numbers, they run without Python's lock."""

    def __init__(self, code: str) -> None:
        """For the processor that this runs on, from LLVM's language."""
        module = llvm.parse_assembly(code)
        module.verify()
        processor, features = llvm.get_host_cpu_name(), _FEATURES.flatten()
        machine = llvm.Target.from_default_triple().create_target_machine(cpu=processor, features=features, opt=2)
        self._engine = llvm.create_mcjit_compiler(module, machine)  # owns the functions' code
        self._engine.finalize_object()
        self.addresses: dict[str, int] = {}
        self.functions: dict[str, Callable[..., None]] = {}
        for function in module.functions:
            if not function.is_declaration:
                kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p for _ in function.arguments])
                self.addresses[function.name] = self._engine.get_function_address(function.name)
                self.functions[function.name] = kind(self.addresses[function.name])


class Function:
    """A function being written: `Function(module, name, x=VECTOR, ...)` takes an array's address for each name."""

    def __init__(self, module: ir.Module, name: str, **arguments: ir.Type | None) -> None:
        """An argument of type None is a whole number instead of an address."""
        self.module = module
        types = [INT64 if kind is None else kind.as_pointer() for kind in arguments.values()]
        self.function = ir.Function(module, ir.FunctionType(ir.VoidType(), types), name)
        self.arguments = dict(zip(arguments, self.function.args, strict=True))
        self.builder = ir.IRBuilder(self.function.append_basic_block())
        self._known: dict[object, ir.Value] = {}  # addresses that the block being written has computed

    def array(self, argument: str, *shape: int) -> Array:
        """The argument as an array of that shape."""
        return Array(self.arguments[argument], shape)

    def number(self, argument: str) -> Index:
        """The argument as a whole number."""
        return Index(((self.arguments[argument], 1),))

    def listed(self, argument: str, kinds: Mapping[str, ir.Type]) -> None:
        """The addresses that lie in the array `argument` become arguments of these names and types."""
        addresses = self.array(argument, len(kinds))
        for place, (name, kind) in enumerate(kinds.items()):
            self.arguments[name] = self.builder.inttoptr(self.load(addresses, place), kind.as_pointer())

    def part(self, argument: str, number: Index, shape: tuple[int, ...]) -> ir.Value:
        """The address of one of the arrays of that shape that lie one after another from the argument on."""
        return self.address(self.array(argument, 0, *shape), number, *[0] * len(shape))

    def end(self) -> None:
        """The function is written."""
        self.builder.ret_void()

    # Loops

    @contextlib.contextmanager
    def loop(self, count: int) -> Iterator[Index]:
        """What is written inside runs `count` times, with the running number from 0."""
        with self._loop(count) as number:
            yield Index(((number, 1),))

    def total(self, count: int, size: int, add: Callable[[Index, list[ir.Value]], list[ir.Value]]) -> list[ir.Value]:
        """`size` vectors, 0 at first, after `count` times `add(running number, vectors)`; they stay in registers."""
        before = self.builder.block
        with self._loop(count) as number:
            sums = [self.builder.phi(VECTOR) for _ in range(size)]
            for one in sums:
                one.add_incoming(ZERO, before)
            after = add(Index(((number, 1),)), list(sums))
            for one, new in zip(sums, after, strict=True):
                one.add_incoming(new, self.builder.block)
        return after

    @contextlib.contextmanager
    def _loop(self, count: int) -> Iterator[ir.Value]:
        builder, before = self.builder, self.builder.block
        body = builder.append_basic_block()
        builder.branch(body)
        self._begin(body)
        number = builder.phi(INT64)
        number.add_incoming(ir.Constant(INT64, 0), before)
        yield number
        following = builder.add(number, ir.Constant(INT64, 1))
        number.add_incoming(following, builder.block)
        done = builder.append_basic_block()
        builder.cbranch(builder.icmp_signed("<", following, ir.Constant(INT64, count)), body, done)
        self._begin(done)

    def _begin(self, block: ir.Block) -> None:
        self.builder.position_at_end(block)
        self._known.clear()

    # Memory

    def address(self, array: Array, *index: Index | int) -> ir.Value:
        """Where an element lies."""
        place = array.offset(index)
        key = (array.start, place.terms)
        if key not in self._known:
            start = array.start
            for number, times in place.terms:
                start = self.builder.gep(start, [self.builder.mul(number, ir.Constant(INT64, times))])
            self._known[key] = start
        return self.builder.gep(self._known[key], [ir.Constant(INT64, place.constant)])

    def load(self, array: Array, *index: Index | int) -> ir.Value:
        """An element."""
        return self.builder.load(self.address(array, *index))

    def store(self, value: ir.Value, array: Array, *index: Index | int) -> None:
        """Write an element."""
        self.builder.store(value, self.address(array, *index))

    # Arithmetic

    def multiply_add(self, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
        """a * b + c, rounded once where the processor can."""
        return self.builder.call(self._intrinsic("fmuladd", VECTOR, VECTOR, VECTOR, VECTOR), [a, b, c])

    def in_all_lanes(self, number: ir.Value) -> ir.Value:
        """A vector of one number."""
        first = self.builder.insert_element(ir.Constant(VECTOR, ir.Undefined), number, ir.Constant(_INT32, 0))
        return self.builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(_INT32, LANES), [0] * LANES))

    def over_lanes(self, vector: ir.Value) -> ir.Value:
        """The sum of a vector's floats."""
        function = self._intrinsic("vector.reduce.fadd", FLOAT, FLOAT, VECTOR)
        return self.builder.call(function, [ir.Constant(FLOAT, 0.0), vector], fastmath=["reassoc"])

    def lane(self, vector: ir.Value, lane: int) -> ir.Value:
        """One of a vector's floats."""
        return self.builder.extract_element(vector, ir.Constant(_INT32, lane))

    def from_lanes(self, floats: Sequence[ir.Value]) -> ir.Value:
        """A vector of so many floats."""
        vector = ir.Constant(VECTOR, ir.Undefined)
        for lane, number in enumerate(floats):
            vector = self.builder.insert_element(vector, number, ir.Constant(_INT32, lane))
        return vector

    def bytes_of(self, number: int) -> ir.Value:
        """A vector of the same byte."""
        return ir.Constant(BYTES, [number] * LANES)

    def _intrinsic(self, name: str, result: ir.Type, *arguments: ir.Type) -> ir.Function:
        full, known = f"llvm.{name}.v{LANES}f32", self.module.globals
        return known.get(full) or ir.Function(self.module, ir.FunctionType(result, arguments), full)

    def call(self, function: "Function", *arguments: ir.Value) -> None:
        """Call another function of the program with addresses."""
        self.builder.call(function.function, arguments)
