#!/usr/bin/env python3
"""Writes the trained model as GGUF v3.   python3 export_gguf.py --run run --out guide.gguf [--type f16|q8_0|f32]"""
import argparse
import os
import struct

import numpy as np
import torch

import tokenizer as bpe
import chat_format

ALIGN = 32
U32, I32, F32, BOOL, STR, ARR = 4, 5, 6, 7, 8, 9  # GGUF value types
GGML = {"f32": 0, "f16": 1, "q8_0": 8}            # ggml tensor types
FILE_TYPE = {"f32": 0, "f16": 1, "q8_0": 7}       # general.file_type (llama_ftype)


def s(text):
    b = text.encode("utf-8")
    return struct.pack("<Q", len(b)) + b


def value(kind, v):
    if kind == STR:
        return s(v)
    return struct.pack({U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}[kind], v)


def kv(key, kind, v):
    if isinstance(v, list):
        return s(key) + struct.pack("<IIQ", ARR, kind, len(v)) + b"".join(value(kind, x) for x in v)
    return s(key) + struct.pack("<I", kind) + value(kind, v)


def q8_0(x):
    """Blocks of 32 values: one F16 scale, then 32 signed bytes."""
    b = x.astype(np.float32).reshape(-1, 32)
    d = np.abs(b).max(1) / 127
    inv = np.where(d > 0, 1 / np.where(d > 0, d, 1), 0)
    out = np.empty(len(b), dtype=[("d", "<f2"), ("q", "i1", 32)])
    out["d"], out["q"] = d, np.rint(b * inv[:, None])
    return out.tobytes()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--run", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--type", choices=GGML, default="f16")
    ap.add_argument("--name", default="HXP Guide")
    a = ap.parse_args()
    tok = bpe.Tokenizer.load(os.path.join(a.run, "tokenizer.json"))
    ck = torch.load(os.path.join(a.run, "model.pt"))
    c, state = ck["config"], {k: v.numpy() for k, v in ck["state"].items()}
    head_dim = c["dim"] // c["heads"]
    n_params = sum(v.size for v in state.values())

    meta = [
        kv("general.architecture", STR, "llama"),
        kv("general.type", STR, "model"),
        kv("general.name", STR, a.name),
        kv("general.description", STR, "Answers questions about operating HXP."),
        kv("general.license", STR, "mit"),
        kv("general.size_label", STR, f"{n_params / 1e6:.1f}M"),
        kv("general.file_type", U32, FILE_TYPE[a.type]),
        kv("general.quantization_version", U32, 2),
        kv("general.alignment", U32, ALIGN),
        kv("llama.context_length", U32, c["ctx"]),
        kv("llama.embedding_length", U32, c["dim"]),
        kv("llama.block_count", U32, c["layers"]),
        kv("llama.feed_forward_length", U32, c["ffn"]),
        kv("llama.attention.head_count", U32, c["heads"]),
        kv("llama.attention.head_count_kv", U32, c["heads"]),
        kv("llama.attention.layer_norm_rms_epsilon", F32, c["eps"]),
        kv("llama.attention.key_length", U32, head_dim),
        kv("llama.attention.value_length", U32, head_dim),
        kv("llama.rope.dimension_count", U32, head_dim),
        kv("llama.rope.freq_base", F32, c["theta"]),
        kv("llama.vocab_size", U32, c["vocab"]),
        kv("tokenizer.ggml.model", STR, "gpt2"),
        kv("tokenizer.ggml.pre", STR, "gpt-2"),
        kv("tokenizer.ggml.tokens", STR, tok.tokens),
        kv("tokenizer.ggml.token_type", I32, [3 if t in bpe.SPECIALS else 1 for t in tok.tokens]),  # 3 control, 1 normal
        kv("tokenizer.ggml.merges", STR, [f"{x} {y}" for x, y in tok.merges]),
        kv("tokenizer.ggml.bos_token_id", U32, bpe.EOT),
        kv("tokenizer.ggml.eos_token_id", U32, bpe.IM_END),
        kv("tokenizer.ggml.padding_token_id", U32, bpe.EOT),
        kv("tokenizer.ggml.add_bos_token", BOOL, False),
        kv("tokenizer.ggml.add_eos_token", BOOL, False),
        kv("tokenizer.ggml.add_space_prefix", BOOL, False),
        kv("tokenizer.chat_template", STR, chat_format.CHAT_TEMPLATE),
    ]

    infos, blobs, offset = [], [], 0
    for name, x in state.items():  # the module names already are llama.cpp's tensor names
        kind = a.type if x.ndim == 2 else "f32"  # norms must stay F32
        if kind == "q8_0":
            assert x.shape[1] % 32 == 0, name
            data = q8_0(x)
        else:
            data = x.astype("<f2" if kind == "f16" else "<f4").tobytes()
        dims = x.shape[::-1]  # GGUF lists the fastest dimension first: [in, out]
        infos.append(s(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, GGML[kind], offset))
        blobs.append(data + b"\0" * (-len(data) % ALIGN))
        offset += len(blobs[-1])
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(meta)) + b"".join(meta) + b"".join(infos)
    with open(a.out, "wb") as f:
        f.write(head + b"\0" * (-len(head) % ALIGN) + b"".join(blobs))
    print(f"{a.out}: {os.path.getsize(a.out):,} bytes, {len(infos)} tensors, {len(meta)} keys, {n_params:,} parameters")


if __name__ == "__main__":
    main()
