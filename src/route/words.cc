#include "words.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <weir/base/bytes.h>

namespace weir::route {

namespace {

/// Sorted. Words that name operations, collections and qualities in public HTTP APIs, in the singular.
constexpr auto kTrade = std::to_array<std::string_view>({
    "abandon", "abuse", "accept", "access", "account", "ack", "acknowledge", "acl", "acquire", "action", "activate",
    "active", "activity", "add", "address", "adjust", "adjustment", "admin", "advance", "advisory", "affiliate",
    "after", "agency", "agenda", "agent", "aggregate", "aggregation", "agreement", "airport", "album", "alert",
    "alias", "all", "allocation", "allow", "allowlist", "amount", "analysis", "analytics", "analyze", "annotation",
    "announcement", "anonymous", "answer", "any", "api", "app", "appeal", "append", "application", "apply",
    "appointment", "approval", "approve", "archive", "archived", "area", "arrival", "article", "artifact", "artist",
    "asset", "assign", "assignee", "assignment", "associate", "association", "async", "attach", "attachment",
    "attempt", "attendee", "attestation", "attribute", "audit", "auth", "authenticate", "author", "authority",
    "authorization", "authorize", "authorized", "auto", "autocomplete", "autolink", "autoscale", "autosuggest",
    "availability", "available", "avatar", "avatars", "away", "backfill", "backup", "badge", "balance", "ball",
    "ban", "bank", "banner", "base", "baseline", "basic", "batch", "before", "begin", "behavior", "beneficiary",
    "best", "bid", "billing", "bind", "binding", "blob", "block", "blocklist", "blog", "board", "body", "book",
    "booking", "bookmark", "bookmarks", "boot", "bot", "bounce", "branch", "brand", "bridge", "broadcast", "browse",
    "browser", "bucket", "budget", "buffer", "build", "builds", "bulk", "bundle", "business", "buy", "by",
    "cache", "cached", "calendar", "call", "callback", "campaign", "canary", "cancel", "candidate", "capability",
    "capacity", "capture", "card", "carousel", "carrier", "cart", "case", "cast", "catalog", "category", "cause",
    "ceiling", "certificate", "chain", "change", "changelog", "channel", "chapter", "charge", "chart", "chat",
    "check", "checkout", "child", "children", "claim", "class", "classification", "classify", "cleanup", "clear",
    "click", "client", "clip", "clone", "clones", "close", "cluster", "code", "codeowners", "codespace", "cohort",
    "collaborator", "collaborators", "collection", "color", "column", "command", "comment", "commission", "commit",
    "commits", "community", "company", "compare", "complaint", "complete", "completion", "compliance", "component",
    "compose", "compute", "concurrency", "condition", "conference", "config", "configuration", "confirm",
    "confirmation", "confirmed", "conflict", "connect", "connection", "consent", "console", "consumer", "contact",
    "container", "content", "contest", "context", "continue", "contract", "contribution", "contributor", "control",
    "controller", "converge", "conversation", "conversion", "convert", "cookie", "copy", "cost", "count", "counter",
    "country", "coupon", "courier", "course", "cover", "create", "credential", "credit", "cron", "currency",
    "current", "custom", "customer", "cycle", "daemon", "daily", "dashboard", "data", "database", "date", "day",
    "deactivate", "deal", "deauthorize", "decision", "declare", "decline", "decrypt", "dedicated", "default",
    "definition", "delay", "delegate", "delete", "deliver", "delivery", "demo", "deny", "department", "dependency",
    "dependents", "deploy", "deployment", "deploys", "deposit", "describe", "description", "design", "desk",
    "destination", "destroy", "detach", "detail", "detect", "developer", "device", "diagnostic", "dial",
    "dictionary", "diff", "digest", "digital", "dimension", "direct", "directory", "disable", "disabled",
    "disconnect", "discount", "discover", "discovery", "discussion", "disk", "dismiss", "display", "dispute",
    "distribution", "divide", "dns", "doc", "document", "domain", "done", "door", "down", "download", "draft",
    "driver", "drop", "due", "duplicate", "duration", "dynamic", "earning", "ecosystem", "edit", "editor",
    "education", "effect", "election", "element", "email", "emails", "emoji", "emojis", "employee", "empty",
    "enable", "encrypt", "end", "endpoint", "energy", "engine", "enqueue", "enrich", "enroll", "enrollment",
    "enterprise", "entitlement", "entity", "entry", "enum", "environment", "episode", "equipment", "error",
    "escalate", "escalation", "estimate", "eval", "evaluate", "evaluation", "event", "evict", "eviction", "exact",
    "exception", "exchange", "exclude", "exec", "execute", "execution", "exist", "exit", "expand", "expense",
    "experiment", "expire", "expired", "explain", "explore", "export", "expose", "express", "extend", "extension",
    "external", "extra", "extract", "fail", "failed", "failure", "family", "faq", "fare", "fault", "favicon",
    "favorite", "favourite", "fax", "feature", "fee", "feed", "feedback", "feeds", "fetch", "field", "figure",
    "file", "filter", "finalize", "finance", "financial", "find", "finding", "fine", "fire", "firewall", "fiscal",
    "fix", "fixes", "flag", "fleet", "flight", "flow", "flush", "focus", "folder", "follow", "follower", "following",
    "font", "for", "forecast", "forgot", "fork", "form", "format", "forum", "forward", "frame", "fraud", "free",
    "freeze", "friend", "from", "fulfill", "fulfillment", "function", "fund", "funding", "game", "gateway", "gauge",
    "gazer", "generate", "genre", "geo", "geocode", "get", "gift", "gist", "gitignore", "global", "glossary", "goal",
    "grained", "grant", "graph", "graphql", "group", "guardrail", "guest", "guide", "handle", "handler", "hash",
    "head", "header", "health", "heartbeat", "help", "hidden", "highlight", "hire", "history", "hold", "holiday",
    "home", "hook", "host", "hotel", "hour", "household", "hub", "hybrid", "icon", "id", "identifier", "identity",
    "idle", "ignore", "image", "immutable", "impact", "impersonate", "import", "impression", "in", "inactive",
    "inbox", "incident", "include", "income", "incoming", "increment", "index", "indices", "industry", "inference",
    "info", "ingest", "ingredient", "ingress", "initial", "initialize", "inline", "input", "inquiry", "insight",
    "inspect", "install", "installation", "instance", "instruction", "insurance", "integration", "intent",
    "interaction", "interest", "interface", "internal", "interval", "interview", "intro", "introspect", "invalidate",
    "inventory", "invitation", "invite", "invoice", "invoke", "ip", "issue", "item", "iteration", "job", "join",
    "journal", "json", "jump", "keepalive", "kernel", "key", "keys", "keyword", "kick", "kind", "knowledge", "lab",
    "label", "lane", "language", "last", "latest", "launch", "layer", "layout", "lead", "leaderboard", "league",
    "learn", "lease", "leave", "ledger", "legal", "lesson", "letter", "level", "library", "license", "licenses",
    "lifecycle", "like", "limit", "line", "lineage", "link", "liquidity", "list", "listing", "live", "liveness",
    "load", "loan", "local", "locale", "location", "lock", "log", "login", "logout", "logs", "lookup", "loyalty",
    "machine", "macro", "mail", "main", "maintenance", "manage", "manager", "manifest", "manual", "manufacturer",
    "map", "mapping", "mark", "markdown", "market", "marketplace", "master", "match", "material", "matrix", "max",
    "me", "measurement", "media", "meeting", "member", "membership", "memo", "memory", "mention", "menu", "merchant",
    "merge", "message", "meta", "metadata", "meter", "method", "metric", "migrate", "migration", "milestone", "min",
    "mirror", "missing", "mobile", "mode", "model", "moderation", "modify", "module", "monitor", "month", "monthly",
    "mount", "move", "movie", "multi", "music", "mute", "my", "name", "namespace", "nearby", "need", "neighbor",
    "network", "next", "night", "node", "normal", "note", "notice", "notification", "notify", "now", "number",
    "numbers", "nutrition", "oauth", "oauth2", "object", "observation", "occurrence", "octocat", "offer", "offline",
    "offset", "on", "onboard", "onboarding", "online", "open", "operation", "operator", "opinion", "opportunity",
    "optimize", "option", "order", "org", "organization", "organizer", "origin", "original", "other", "otp", "out",
    "outcome", "outgoing", "output", "override", "overview", "own", "owner", "ownership", "pack", "package", "page",
    "pages", "pair", "panel", "paper", "paragraph", "parameter", "parent", "park", "parse", "parser", "part",
    "partial", "participant", "partner", "party", "pass", "passenger", "passkey", "password", "patch", "path",
    "paths", "patient", "pattern", "pause", "pay", "payable", "payee", "payer", "payment", "payout", "peer",
    "pending", "people", "percent", "performance", "period", "permission", "permit", "persistent", "person",
    "persona", "personal", "pet", "phone", "photo", "picker", "pickup", "picture", "pin", "ping", "pipe", "pipeline",
    "place", "placement", "plan", "platform", "play", "player", "playlist", "plugin", "pod", "point", "policy",
    "poll", "pool", "popular", "portal", "portfolio", "position", "post", "power", "preference", "prefix", "premium",
    "prepare", "prescription", "presence", "present", "preset", "preview", "previous", "price", "pricing", "primary",
    "principal", "print", "priority", "privacy", "private", "privilege", "prize", "problem", "procedure", "process",
    "produce", "producer", "product", "profile", "profit", "program", "progress", "project", "promote", "prompt",
    "proof", "properties", "property", "prospect", "protect", "protection", "protocol", "provider", "provision",
    "proxy", "prune", "public", "publication", "publish", "pull", "purchase", "purge", "purpose", "push", "put",
    "qr", "qualification", "quality", "query", "question", "queue", "quick", "quota", "quote", "race", "raise",
    "random", "range", "rank", "ranking", "rate", "rating", "raw", "reach", "reaction", "reactivate", "read",
    "readme", "ready", "reason", "reboot", "rebuild", "receipt", "receive", "receiver", "recent", "recipe",
    "recipient", "recommendation", "reconcile", "record", "recover", "recovery", "recurring", "redeem", "redirect",
    "ref", "reference", "referral", "referrer", "referrers", "refinance", "refresh", "refs", "refund", "regenerate",
    "region", "register", "registration", "registry", "reject", "related", "relation", "relationship", "relay",
    "release", "reload", "remind", "reminder", "remote", "remove", "rename", "render", "renew", "renewal", "reopen",
    "repair", "repeat", "replace", "replay", "replica", "replicas", "replication", "reply", "repo", "report",
    "reporting", "repository", "representation", "reputation", "request", "require", "requirement", "rerun",
    "resend", "reservation", "reserve", "reserved", "reset", "resident", "resize", "resolution", "resolve",
    "resource", "responder", "response", "restart", "restaurant", "restore", "restriction", "result", "resume",
    "retry", "return", "revenue", "reversal", "reverse", "revert", "review", "revision", "revoke", "reward", "right",
    "ring", "risk", "robot", "role", "rollback", "room", "root", "rotate", "rotation", "route", "router", "row",
    "rpc", "rule", "ruleset", "rulesets", "run", "runner", "runs", "sale", "sample", "sandbox", "satellite", "save",
    "saved", "sbom", "scale", "scan", "scene", "schedule", "schema", "scheme", "school", "scope", "score", "scoring",
    "screen", "screenshot", "script", "search", "season", "seat", "secret", "section", "secure", "security", "seek",
    "segment", "select", "self", "seller", "send", "sender", "sensor", "sentiment", "sequence", "series", "server",
    "serverless", "service", "session", "set", "setting", "settlement", "setup", "shadow", "share", "shared",
    "sharing", "shift", "ship", "shipment", "shipping", "shop", "shopping", "short", "show", "shuffle", "shutdown",
    "sibling", "side", "sign", "signal", "signature", "signed", "signer", "signin", "signing", "signup", "similar",
    "simulate", "simulation", "single", "site", "sitemap", "size", "skill", "skip", "sla", "slice", "slot", "smart",
    "sms", "snapshot", "snippet", "snooze", "social", "sort", "source", "space", "spam", "speaker", "spec", "speech",
    "spend", "split", "sponsor", "sport", "spot", "stack", "staff", "stage", "stake", "standard", "star",
    "stargazer", "start", "stat", "state", "stateful", "statement", "station", "statistic", "statistics", "stats",
    "status", "statuses", "step", "stock", "stop", "storage", "store", "storefront", "story", "strategy", "stream",
    "street", "string", "student", "studio", "style", "subject", "submission", "submit", "subscribe", "subscriber",
    "subscription", "subset", "subtask", "subtitle", "success", "suggest", "suggestion", "suite", "suites",
    "summary", "super", "supplier", "support", "survey", "suspend", "sweep", "switch", "symbol", "sync", "synonym",
    "system", "table", "tag", "tail", "take", "tape", "tarball", "target", "tariff", "task", "tax", "team", "teams",
    "technology", "telemetry", "template", "tenant", "term", "terminal", "terminate", "terms", "test", "text",
    "theme", "thread", "thumbnail", "ticket", "tier", "time", "timeline", "timeout", "timer", "timestamp",
    "timezone", "tip", "title", "to", "today", "token", "tool", "top", "topic", "topics", "total", "tour",
    "tournament", "trace", "track", "tracking", "trade", "trader", "trading", "traffic", "train", "training",
    "transaction", "transcript", "transcription", "transfer", "transform", "transit", "transition", "translate",
    "translation", "transport", "trash", "travel", "tree", "trees", "trend", "trial", "trigger", "trip", "trust",
    "tune", "turn", "tutorial", "two", "type", "typeahead", "typing", "unarchive", "unassign", "unassigned", "unban",
    "unblock", "undelete", "undeploy", "undo", "unenroll", "unfavorite", "unfollow", "unfreeze", "unhide",
    "uninstall", "unit", "universe", "unlike", "unlink", "unlock", "unmute", "unpause", "unpin", "unpublish",
    "unread", "unregister", "unreserve", "unshare", "unstar", "unsubscribe", "unsuspend", "until", "unwatch",
    "upcoming", "update", "upgrade", "upload", "upsert", "uptime", "url", "usage", "user", "usernames", "utility",
    "vacancy", "validate", "validation", "value", "values", "variable", "variant", "vault", "vehicle", "vendor",
    "venue", "verification", "verified", "verify", "version", "versions", "vertical", "video", "view", "viewer",
    "views", "virtual", "visibility", "visit", "visitor", "vocabulary", "voice", "void", "volume", "vote", "voucher",
    "vulnerability", "wait", "waitlist", "wake", "wallet", "warehouse", "warning", "watch", "watcher", "watchlist",
    "weather", "web", "webauthn", "webhook", "week", "weekly", "weight", "welcome", "whitelist", "widget", "wiki",
    "wish", "wishlist", "with", "withdraw", "withdrawal", "word", "work", "workbook", "worker", "workflow",
    "workload", "worklog", "workspace", "write", "year", "yearly", "zen", "zip", "zone",
});

/// Sorted. They stand beside parameters so often that one of them is hardly ever a value.
constexpr auto kReserved = std::to_array<std::string_view>({
    "@me", "_all", "_bulk", "_count", "_search", "authorize", "autocomplete", "batch", "bulk", "callback", "check",
    "count", "create", "current", "export", "findby", "import", "info", "latest", "list", "login", "logout",
    "lookup", "me", "mine", "new", "ping", "random", "recent", "register", "search", "self", "signup", "stats",
    "status", "suggest", "suggestions", "summary", "validate", "verify",
});

template <std::size_t N>
bool has(const std::array<std::string_view, N>& sorted, std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), ascii_lower);
  return out;
}

bool ends_plural(std::string_view word) {
  return word.size() > 3 && word.back() == 's' && !word.ends_with("ss") && !word.ends_with("us") &&
         !word.ends_with("is");
}

std::string singular(std::string word) {
  if (!ends_plural(word)) return word;
  if (word.ends_with("ies") && word.size() > 4) return word.replace(word.size() - 3, 3, "y");
  for (const std::string_view ending : {"sses", "shes", "ches", "xes"}) {
    if (word.ends_with(ending)) return word.substr(0, word.size() - 2);
  }
  word.pop_back();
  return word;
}

/// `playing`, `played`, `updated` and the like.
bool is_inflected(const std::string& word) {
  if (has(kTrade, word) || has(kTrade, singular(word))) return true;
  for (const std::string_view ending : {"ing", "ed", "er", "ers", "able"}) {
    if (!word.ends_with(ending) || word.size() < ending.size() + 3) continue;
    const std::string stem = word.substr(0, word.size() - ending.size());
    if (has(kTrade, stem) || has(kTrade, stem + 'e')) return true;
  }
  return false;
}

/// Written together, too: `configmaps`, `serviceaccounts`.
bool is_of_the_trade(const std::string& word) {
  if (is_inflected(word)) return true;
  constexpr std::size_t kLeast = 3;
  for (std::size_t i = kLeast; i + kLeast <= word.size(); ++i) {
    const std::string front = word.substr(0, i);
    if ((has(kTrade, front) || has(kTrade, singular(front))) && is_inflected(word.substr(i))) return true;
  }
  return false;
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// Calls `each` for every part of a segment: between joints, and where case changes.
template <class Each>
void for_each_part(std::string_view segment, Each each) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= segment.size(); ++i) {
    const bool is_end = i == segment.size();
    const bool is_letter = !is_end && std::isalpha(static_cast<unsigned char>(segment[i])) != 0;
    const bool is_hump = is_letter && i > begin && is_upper(segment[i]) && !is_upper(segment[i - 1]);
    if (!is_end && is_letter && !is_hump) continue;
    if (i > begin) each(segment.substr(begin, i - begin));
    begin = is_hump ? i : i + 1;
  }
}

}  // namespace

Reading read_word(std::string_view segment) {
  Reading reading;
  std::uint32_t known = 0;
  std::string last;
  for_each_part(segment, [&](std::string_view part) {
    last = lowered(part);
    ++reading.parts;
    if (is_of_the_trade(last)) ++known;
  });
  // Nobody writes a part of an API in capitals: `DEPLOY_TOKEN` is a name that somebody gave.
  const bool is_shouted = segment.size() >= 4 && std::none_of(segment.begin(), segment.end(), is_lower);
  if (is_shouted) known = 0;
  reading.known = reading.parts == 0 ? 0 : static_cast<double>(known) / reading.parts;
  reading.is_reserved = has(kReserved, segment);
  reading.is_plural = ends_plural(last);
  return reading;
}

std::string singular_name(std::string_view before) {
  std::string name;
  std::string last;
  for_each_part(before, [&](std::string_view part) {
    if (!last.empty()) name += last + '_';
    last = lowered(part);
  });
  return name + singular(last);
}

}  // namespace weir::route
