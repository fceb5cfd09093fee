"""What gpt4all 2.8.2 can load, measured: what it does not know ends in a RuntimeError or an abort."""

from __future__ import annotations

from llm.base import ModelUnsupported
from llm.header import Header
from llm.machine import INSTALL_LLAMACPP
from llm.quants import TENSOR_TYPES

_ARCHITECTURES = (
    "llama falcon gpt2 gptneox mpt baichuan starcoder starcoder2 refact bloom stablelm qwen qwen2 qwen2moe phi2 phi3 "
    "codeshell orion internlm2 gemma gemma2 xverse command-r olmo openelm deepseek2 chatglm jais"
)
ARCHITECTURES = frozenset(_ARCHITECTURES.split())
TOKENIZERS = frozenset({"llama", "gpt2"})
_PRE_TOKENIZERS = (
    "default llama-bpe llama3 llama-v3 deepseek-llm deepseek-coder falcon mpt starcoder gpt-2 phi-2 refact command-r "
    "qwen2 stablelm2 olmo dbrx smaug-bpe poro-chat viking jais chatglm-bpe"
)
PRE_TOKENIZERS = frozenset(_PRE_TOKENIZERS.split())
# Newer names of rules that the engine knows under an older one; adapt.py writes the older one into a copy.
KNOWN_AS = {"smollm": "command-r", "deepseek-r1-qwen": "qwen2", "falcon3": "llama-bpe", "megrez": "qwen2"}

ANOTHER_WAY = (
    f"Two ways: {INSTALL_LLAMACPP} has Chorus run it by llama.cpp; or run it in a server that speaks the OpenAI protocol "
    "(llama.cpp server, Ollama, vLLM) and name that in models.toml (docs/MODELS.md)."
)


def check(header: Header) -> None:
    """Raise ModelUnsupported where the engine would refuse the file, saying what is wrong and what is the way."""
    if header.architecture not in ARCHITECTURES:
        _refuse(f"the architecture {header.architecture!r} is newer than GPT4All 2.8.2")
    if header.tokenizer not in TOKENIZERS:
        _refuse(f"GPT4All 2.8.2 writes no text with a tokenizer of the kind {header.tokenizer!r}")
    if header.tokenizer == "gpt2":
        _check_pre_tokenizer(header.pre_tokenizer)
    unknown = sorted({tensor.kind for tensor in header.tensors} - TENSOR_TYPES.keys())
    if unknown:
        _refuse(f"its quantisation (tensor types {unknown}) is newer than GPT4All 2.8.2")


def _check_pre_tokenizer(name: str) -> None:
    if name in KNOWN_AS:
        raise ModelUnsupported(
            f"GPT4All 2.8.2 knows the pre-tokenizer {name!r} as {KNOWN_AS[name]!r}, and the file must say so: "
            "`.venv/bin/flask --app app models add` imports it so"
        )
    if name and name not in PRE_TOKENIZERS:
        _refuse(f"GPT4All 2.8.2 does not know the pre-tokenizer {name!r}")


def _refuse(what: str) -> None:
    raise ModelUnsupported(f"{what}. {ANOTHER_WAY}")
