"""The tutorial network's gradients by convolutions compiled with LLVM for this processor: equal to autograd's to
float32's rounding, on Linux and macOS CPUs in float32. Optional; nothing else depends on it.
"""
