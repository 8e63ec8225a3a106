"""Writes held-out tool conversations up to a call, as JSON Lines: messages, tools and the call that is right.

    python held_out_calls.py --out ../../benchmarks/ToolCalling/data/demo-held-out.jsonl

The rows have the shape of the chat API that most clients speak; names, words, codes and request lines are those that
training never saw (corpus/world.py). Needs no packages.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any, Iterator

from corpus import tool_talk
from corpus.chat_format import Conversation, dump, messages, render
from corpus.world import World

KINDS = {
    "tool_known": tool_talk.known,
    "tool_unseen": tool_talk.unseen,
    "tool_invented": tool_talk.invented,
    "tool_parallel": tool_talk.parallel,
    "tool_chain": tool_talk.chain,
    "tool_conditional": tool_talk.conditional,
}


def cut_at_call(conversation: Conversation, rng: random.Random, longest: int) -> Conversation | None:
    """The conversation up to and with one of its calls; None where every such beginning is too long for the model."""
    beginnings = []
    for index, turn in enumerate(conversation.turns):
        beginning = Conversation(
            conversation.kind, conversation.turns[: index + 1], conversation.system, conversation.tools
        )
        if turn.calls and len(render(beginning)) <= longest:
            beginnings.append(beginning)
    return rng.choice(beginnings) if beginnings else None


def api_messages(conversation: Conversation) -> Iterator[dict[str, Any]]:
    """The messages with identifiers for calls, which results refer to."""
    waiting: list[str] = []
    made = 0
    for message in messages(conversation):
        if message["role"] == "tool":
            message["tool_call_id"] = waiting.pop(0)
        for call in message.get("tool_calls", ()):
            made += 1
            call["id"] = f"call_{made}"
            waiting.append(call["id"])
        yield message


def rows(count: int, seed: str, longest: int) -> Iterator[dict[str, Any]]:
    for kind, make in KINDS.items():
        written = index = 0
        while written < count:
            rng = random.Random(f"{seed}/{kind}/{index}")
            index += 1
            conversation = cut_at_call(make(World(rng, held_out=True)), rng, longest)
            if conversation is None:
                continue
            *asked, answer = api_messages(conversation)
            yield {
                "id": f"{kind}_{written}",
                "category": kind,
                "messages": asked,
                "tools": [
                    tool if "function" in tool else {"type": "function", "function": tool}
                    for tool in conversation.tools
                ],
                "calls": [call["function"] for call in answer["tool_calls"]],
                "valid": True,
            }
            written += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=25, help="rows of each kind")
    parser.add_argument("--seed", default="held-out-calls")
    parser.add_argument(
        "--longest", type=int, default=2600, help="characters of prompt and call; more than 1024 tokens do not fit"
    )
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", encoding="utf-8") as file:
        for row in rows(options.count, options.seed, options.longest):
            file.write(dump(row) + "\n")


if __name__ == "__main__":
    main()
