"""What other programs and books call things, and what is written here instead."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_BLOCKS = {
    "linear": "dense fc fullyconnected affine projection proj matmul innerproduct perceptron",
    "embedding": "lookup lookuptable embed",
    "layer_norm": "norm normalization layernormalization",
    "rnn": "rnncell simplernn vanillarnn elman elmancell recurrent",
    "lstm": "lstmcell longshorttermmemory",
    "gru": "grucell gatedrecurrentunit",
    "minimal_gru": "mgu minimalgatedunit",
    "attention": "additiveattention bahdanau bahdanauattention mlpattention",
    "dot_attention": "dotproductattention scaleddotproductattention multiplicativeattention luong luongattention",
    "multi_head_attention": "mha selfattention",
    "encoder": "rnnencoder seq2seqencoder",
    "decoder": "attentiondecoder rnndecoder seq2seqdecoder seq2seq",
    "weight": "parameter variable learned",
    "split": "chunk slice unbind",
    "sample": "categorical multinomial sampler",
    "sigmoid": "logistic",
    "silu": "swish",
    "leaky_relu": "lrelu",
}
_OTHERWISE = {
    "a list, such as input: [x, h(t-1)]": "concat cat concatenation merge join hstack",
    "an expression, such as a + b": "plus summation residualadd skip",
    "an expression, such as a * b": "mul times hadamard",
    "a function in an expression, such as tanh(x)": "activation nonlinearity",
    "a number in an expression, such as 0.5 * x": "constant scale",
    "a read of an earlier step, such as h(t-1)": "delay lag previous shift memory",
    "direction: both, on a block with delays inside": "bidirectional bilstm bigru birnn",
    "layers: 2, on any block": "stack stacked multilayer sequential",
    "loss: of an output": "loss crossentropy mse nll",
    "an entry under outputs:": "output",
}
OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {name: meant for table in (_BLOCKS, _OTHERWISE) for meant, names in table.items() for name in names.split()}
)
"""What is meant by a name, in small letters and without `_`: a block's name, or what to write instead of a block."""
