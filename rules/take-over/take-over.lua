-- A human takes over, and hands back. The gateway says so by events of its own; what somebody writes in our name on the platform
-- itself is noticed without a rule: an echo that no action of ours explains within a minute.

pack { name = "take-over", version = "1.0.0" }

rule "taken" {
  title = "a human talks to this person",
  on = "x-takeover",
  priority = 90000,
  handoff = true,
}

rule "back" {
  title = "the human is done",
  on = "x-handback",
  priority = 90000,
  handback = true,
}

words.human = {
  "人工", "转人工", "人工客服", "找人工", "真人", "客服", -- 中文
  "human", "agent", "talk to a human", "real person", "speak to someone", -- English
  "persona", "agente", "hablar con una persona", -- Español
}

rule "asks for a human" {
  title = "wants to talk to a human",
  on = "message",
  priority = 50000,
  keywords = { "{human}" }, mode = "equal",
  message = "好的，马上有人联系你。/ Somebody will write to you.",
  handoff = { queue = "people", ["for"] = "12h" },
  examples = { yes = { "转人工", "Agent!", "Human" }, no = { "are you human" } },
}
