"""What the compiled loops ask of the processor directly: an address or a number in, bits, a byte or a number out.

64 bytes are looked at as one, and of what is found in them each has a bit, the first the lowest. Nothing here sees
where an array ends: the caller does.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_BYTES = ir.VectorType(ir.IntType(8), 64)


def _all(value):
    return ir.Constant(_BYTES, [value] * 64)


def _block(builder, address):
    pointer = builder.inttoptr(address, _BYTES.as_pointer())
    return builder.load(pointer, align=1)


def _each(builder, byte):
    """A byte 64 times."""
    first = builder.insert_element(ir.Constant(_BYTES, ir.Undefined), byte, ir.IntType(32)(0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), 64), None)
    return builder.shuffle_vector(first, ir.Constant(_BYTES, ir.Undefined), places)


@intrinsic
def letter_bits(typing, address):
    """The bits of those of 64 bytes that are ASCII letters or digits, or no ASCII."""

    def generate(context, builder, signature, arguments):
        block = _block(builder, arguments[0])
        lower = builder.or_(block, _all(0x20))
        letter = builder.icmp_unsigned("<", builder.sub(lower, _all(ord("a"))), _all(26))
        digit = builder.icmp_unsigned("<", builder.sub(block, _all(ord("0"))), _all(10))
        beyond = builder.icmp_signed("<", block, _all(0))
        return builder.bitcast(builder.or_(builder.or_(letter, digit), beyond), ir.IntType(64))

    return types.uint64(types.intp), generate


@intrinsic
def dark_bits(typing, address):
    """The bits of those of 64 bytes that are no ASCII white space."""

    def generate(context, builder, signature, arguments):
        block = _block(builder, arguments[0])
        blank = builder.icmp_unsigned("==", block, _all(0x20))
        control = builder.icmp_unsigned("<", builder.sub(block, _all(9)), _all(5))
        unit = builder.icmp_unsigned("<", builder.sub(block, _all(0x1C)), _all(4))
        return builder.not_(builder.bitcast(builder.or_(builder.or_(blank, control), unit), ir.IntType(64)))

    return types.uint64(types.intp), generate


@intrinsic
def beyond_bits(typing, address):
    """The bits of those of 64 bytes that are no ASCII."""

    def generate(context, builder, signature, arguments):
        block = _block(builder, arguments[0])
        return builder.bitcast(builder.icmp_signed("<", block, _all(0)), ir.IntType(64))

    return types.uint64(types.intp), generate


def _compared(sign):
    def generate(context, builder, signature, arguments):
        bits = builder.icmp_unsigned(sign, _block(builder, arguments[0]), _each(builder, arguments[1]))
        return builder.bitcast(bits, ir.IntType(64))

    return types.uint64(types.intp, types.uint8), generate


@intrinsic
def equal_bits(typing, address, byte):
    """The bits of those of 64 bytes that are a given one."""
    return _compared("==")


@intrinsic
def below_bits(typing, address, byte):
    """The bits of those of 64 bytes that are less than a given one."""
    return _compared("<")


@intrinsic
def move_block(typing, to, address):
    """Copy 64 bytes; all are read before any is written."""

    def generate(context, builder, signature, arguments):
        pointer = builder.inttoptr(arguments[0], _BYTES.as_pointer())
        builder.store(_block(builder, arguments[1]), pointer, align=1)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp), generate


@intrinsic
def byte_at(typing, address):
    """A byte."""

    def generate(context, builder, signature, arguments):
        return builder.load(builder.inttoptr(arguments[0], ir.IntType(8).as_pointer()))

    return types.uint8(types.intp), generate


@intrinsic
def put_byte(typing, to, byte):
    """Write a byte."""

    def generate(context, builder, signature, arguments):
        builder.store(arguments[1], builder.inttoptr(arguments[0], ir.IntType(8).as_pointer()))
        return context.get_dummy_value()

    return types.void(types.intp, types.uint8), generate


@intrinsic
def eight_at(typing, address):
    """Eight bytes as a number, little-endian."""

    def generate(context, builder, signature, arguments):
        pointer = builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())
        return builder.load(pointer, align=1)

    return types.uint64(types.intp), generate


@intrinsic
def fetch_early(typing, address):
    """Have a cache line read that will be needed soon."""

    def generate(context, builder, signature, arguments):
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [builder.inttoptr(arguments[0], byte), number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(types.intp), generate


@intrinsic
def zeros_below(typing, bits):
    """How many zeros the number ends with."""

    def generate(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic
def ones_in(typing, bits):
    """How many ones a number has."""

    def generate(context, builder, signature, arguments):
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate
