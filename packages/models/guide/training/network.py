"""A llama-architecture transformer (RMSNorm, interleaved RoPE, SwiGLU, tied embeddings) in PyTorch."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

DEFAULT = dict(vocab=768, dim=192, layers=4, heads=6, ffn=512, ctx=512, theta=10000.0, eps=1e-5)


class RMSNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(dim)), eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rope_table(ctx, head_dim, theta):
    freq = theta ** (-torch.arange(0, head_dim, 2).float() / head_dim)
    angle = torch.arange(ctx).float()[:, None] * freq[None]
    return angle.cos(), angle.sin()


def rope(x, cos, sin):
    """Rotates neighbouring pairs (x0,x1), (x2,x3)...: llama.cpp's layout for arch "llama", so q and k
    are exported without any permutation. (Hugging Face checkpoints use the half-split layout instead.)"""
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, f = c["dim"], c["ffn"]
        self.heads, self.head_dim = c["heads"], d // c["heads"]
        self.attn_norm, self.ffn_norm = RMSNorm(d, c["eps"]), RMSNorm(d, c["eps"])
        lin = lambda i, o: nn.Linear(i, o, bias=False)
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = lin(d, d), lin(d, d), lin(d, d), lin(d, d)
        self.ffn_gate, self.ffn_up, self.ffn_down = lin(d, f), lin(d, f), lin(f, d)

    def forward(self, x, table, dropout):
        cos, sin, mask = table
        n, t, d = x.shape
        h = self.attn_norm(x)
        q, k, v = (m(h).view(n, t, self.heads, self.head_dim).transpose(1, 2)
                   for m in (self.attn_q, self.attn_k, self.attn_v))
        q, k = rope(q, cos, sin), rope(k, cos, sin)
        att = (q @ k.transpose(-1, -2) * (1 / math.sqrt(self.head_dim)) + mask).softmax(-1)
        x = x + dropout(self.attn_output((att @ v).transpose(1, 2).reshape(n, t, d)))
        h = self.ffn_norm(x)
        return x + dropout(self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h)))


class Llama(nn.Module):
    def __init__(self, c, dropout=0.0):
        super().__init__()
        self.dropout = dropout
        self.token_embd = nn.Embedding(c["vocab"], c["dim"])
        self.blk = nn.ModuleList(Block(c) for _ in range(c["layers"]))
        self.output_norm = RMSNorm(c["dim"], c["eps"])
        cos, sin = rope_table(c["ctx"], c["dim"] // c["heads"], c["theta"])
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02 if "embd" in name else p.shape[1] ** -0.5)
            if name.endswith(("attn_output.weight", "ffn_down.weight")):
                p.data.mul_((2 * c["layers"]) ** -0.5)

    def hidden(self, ids):
        t = ids.shape[1]
        mask = torch.full((t, t), float("-inf")).triu(1)
        drop = lambda h: F.dropout(h, self.dropout, self.training and self.dropout > 0)
        x = drop(self.token_embd(ids))
        for b in self.blk:
            x = b(x, (self.cos[:t], self.sin[:t], mask), drop)
        return self.output_norm(x)

    def forward(self, ids):
        return self.hidden(ids) @ self.token_embd.weight.t()
