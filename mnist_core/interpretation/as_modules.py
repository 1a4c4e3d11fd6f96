"""A network as modules that are each called once, up to its logits: what methods with rules for modules can follow."""

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import fx


def logits_as_modules(model: "torch.nn.Module") -> "torch.nn.Module":
    """The same weights as `model`'s, answering logits (n, 10) where it answers log-probabilities.

    Functions become modules, a module that is called twice becomes two, and nothing is changed in place: Captum's
    DeepLIFT watches modules, and is silently wrong about what happens between them. The logits of a network that looks
    at a digit several times (`deep`) are the mean over its looks. `model` is set to answer, and is left as it is.
    """
    import torch
    from torch import nn

    from mnist_core.models.networks import Deep

    if not isinstance(model, Deep):
        return _one_look(model, "forward")

    views, looks = model.views, [_one_look(model, "single_view") for _ in model.VIEWS]

    class Looks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.looks = nn.ModuleList(looks)

        def forward(self, x: "torch.Tensor") -> "torch.Tensor":
            seen = zip(looks, views(x), strict=True)
            return torch.stack([look(view) for look, view in seen]).mean(0)

    return Looks().eval()


def _one_look(model: "torch.nn.Module", method: str) -> "torch.nn.Module":
    """What `model`'s method of this name does, as modules, up to the logits."""
    import torch.nn.functional as F
    from torch import fx, nn

    own = copy.deepcopy(model)
    tracer = fx.Tracer()
    tracer.traced_func_name = method
    graph = tracer.trace(own)
    for node in list(graph.nodes):
        name = f"once_{node.name}"
        if node.op == "call_module":
            module = copy.deepcopy(own.get_submodule(str(node.target)))
            if isinstance(module, nn.ReLU):
                module.inplace = False
            own.add_module(name, module)
            node.target = name
        elif node.op == "call_function" and node.target in (F.relu, F.relu_):
            _replace(own, node, name, nn.ReLU())
        elif node.op == "call_function" and node.target is F.max_pool2d:
            _replace(own, node, name, nn.MaxPool2d(node.args[1], **node.kwargs))
        elif node.op == "call_function" and node.target is F.log_softmax:
            node.replace_all_uses_with(node.args[0])
            graph.erase_node(node)
    _relu_before_pooling(own, graph)
    graph.lint()
    return fx.GraphModule(own, graph).eval()


def _replace(own: "torch.nn.Module", node: "fx.Node", name: str, module: "torch.nn.Module") -> None:
    own.add_module(name, module)
    node.op, node.target, node.args, node.kwargs = "call_module", name, (node.args[0],), {}


def _relu_before_pooling(own: "torch.nn.Module", graph: "fx.Graph") -> None:
    """Let ReLU and max pooling change places where ReLU comes second: they answer the same either way.

    Captum's DeepLIFT (0.9) loses up to half of a difference where ReLU follows max pooling directly, and nothing where
    it goes before (measured on the tutorial's network).
    """
    from torch import nn

    for node in graph.nodes:
        if _is(own, node, nn.ReLU) and _is(own, before := node.args[0], nn.MaxPool2d):
            node.target, before.target = before.target, node.target


def _is(own: "torch.nn.Module", node: Any, kind: type) -> bool:
    return node.op == "call_module" and isinstance(own.get_submodule(str(node.target)), kind)
