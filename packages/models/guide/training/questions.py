"""What the model is asked while it learns: the facts' questions, rewordings of them, and questions about anything else."""
import glob
import os
import random
import re

import yaml

PREFIX = ["please, ", "hi, ", "hello, ", "can you tell me: ", "quick question: ", "I have a question. ", "sorry, ", "so "]
SUFFIX = [" please", " thanks", " in HXP", " with hxp", " now", " again"]
HOW = ["How do I {}?", "How can I {}?", "how to {}", "What is the way to {}?", "What is the best way to {}?", "I want to {}",
       "I need to {}", "Show me how to {}.", "Tell me how to {}.", "Which command lets me {}?", "What do I do to {}?",
       "help me {}", "How would I {}?", "Is there a way to {}?"]
SAME = ["create make add generate", "delete remove drop erase", "show see view display print", "start run launch boot",
        "stop end quit halt", "change set adjust modify edit", "problem error issue trouble", "machine computer host server",
        "update upgrade", "way method", "fast quick", "slow sluggish", "folder directory", "setting option",
        "check verify test validate", "get obtain receive", "limit restrict cap", "undo revert", "users people clients colleagues",
        "find locate", "use utilise", "several multiple many", "need require want", "file document", "answer reply response",
        "tell explain", "download fetch", "big large", "configure set up", "works runs"]
SYNONYMS = {}
for line in SAME:
    for word in line.split():
        SYNONYMS.setdefault(word, []).extend(other for other in line.split() if other != word)
STOP = set("a an the is are do does did i me my we you your it its to of in on at for with and or can could how what which "
           "where when who why there this that be if has have was will would should get go tell explain show hxp's please".split())
ABOUT = ["{}", "{}?", "Tell me about {}.", "Explain {}.", "What about {}?", "I have a question about {}.", "help with {}",
         "What is {}?", "What is the command for {}?", "Which command is for {}?", "how {}", "Where is {}?", "Is there {}?",
         "need {}", "{} how", "question about {}", "I do not understand {}"]


def read_facts(folder):
    """Every fact as {answer, ask, held}; the last one is the answer to what is not about HXP."""
    facts = []
    for path in sorted(glob.glob(os.path.join(folder, "[0-9]*.yaml"))):
        with open(path) as file:
            facts += yaml.safe_load(file)
    with open(os.path.join(folder, "off-topic.yaml")) as file:
        other = yaml.safe_load(file)
    return facts + [{key: other[key] for key in ("answer", "ask", "held")}], other


def keywords(question, rng):
    """The words that carry the meaning, some of them dropped or moved, in a neutral frame."""
    words = [w for w in re.findall(r"[\w.:/'-]+", question.rstrip("?.!")) if w.lower() not in STOP]
    words = [w for w in words if len(words) < 3 or rng.random() > 0.2] or words
    if rng.random() < 0.3:
        rng.shuffle(words)
    return rng.choice(ABOUT).format(" ".join(words)) if words else question


def with_typo(question, rng):
    at = rng.randrange(1, len(question) - 1)
    head, here, there, tail = question[:at], question[at], question[at + 1], question[at + 2:]
    return head + rng.choice([there + here, there, here + here + there]) + tail


def reword(question, rng):
    """A random rewording that keeps the meaning: synonyms, frame, a lost word, a typo, politeness, case, punctuation."""
    if rng.random() < 0.5:
        swap = lambda m: rng.choice(SYNONYMS[m[0]]) if m[0] in SYNONYMS and rng.random() < 0.3 else m[0]
        question = re.sub(r"[a-z]+", swap, question)
    if rng.random() < 0.3:
        question = keywords(question, rng)
    how = re.match(r"How (?:do|can) I (.*)\?$", question)
    if how and rng.random() < 0.45:
        question = rng.choice(HOW).format(how.group(1))
    words = question.split(" ")
    if len(words) > 4 and rng.random() < 0.15:
        del words[rng.randrange(len(words))]
        question = " ".join(words)
    if len(question) > 12 and rng.random() < 0.10:
        question = with_typo(question, rng)
    if rng.random() < 0.3:
        question = question.rstrip("?.!")
    if rng.random() < 0.10:
        question = question.rstrip("?.!") + rng.choice(SUFFIX)
    if rng.random() < 0.12:
        question = rng.choice(PREFIX) + question
    if rng.random() < 0.3:
        return question.lower()
    return question[:1].upper() + question[1:] if rng.random() < 0.1 else question


class Questions:
    """An endless source of (question, answer): a shuffled queue asks every known question equally often."""

    def __init__(self, facts, other, seed):
        self.facts, self.other, self.rng = facts, other, random.Random(seed)
        self.queue, self.reworded = [], 0.7

    def invented(self):
        frame = self.rng.choice(self.other["frames"])
        return frame.format(thing=self.rng.choice(self.other["things"]), action=self.rng.choice(self.other["actions"]))

    def next(self):
        if self.rng.random() < 0.06:
            return self.invented(), self.other["answer"]
        if not self.queue:
            self.queue = [(q, fact["answer"]) for fact in self.facts for q in [fact["ask"][0]] + fact["ask"]]
            self.rng.shuffle(self.queue)
        question, answer = self.queue.pop()
        return (reword(question, self.rng) if self.rng.random() < self.reworded else question), answer
