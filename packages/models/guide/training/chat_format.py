"""Chat format (ChatML): the training code, the exporter and the embedded Jinja template must agree."""
import tokenizer as bpe

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def message(tok, role, text):
    """Ids of one whole message, and the number of ids at its end that the model must produce."""
    body = tok.encode(text) + [bpe.IM_END]
    return [bpe.IM_START] + tok.encode(role + "\n") + body + tok.encode("\n"), len(body)


def prompt(tok, turns, system=None):
    """turns: [question] or [question, answer, question, ...]; ends ready for the assistant's answer."""
    ids = message(tok, "system", system)[0] if system else []
    for i, text in enumerate(turns):
        ids += message(tok, "assistant" if i % 2 else "user", text)[0]
    return ids + [bpe.IM_START] + tok.encode("assistant\n")
