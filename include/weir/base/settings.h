#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/names.h>

namespace weir {

/// Both ends are allowed.
template <class T>
struct Range {
  T from;
  T to;
};

/// A word that stands for a value where a number is expected: `unlimited`, `auto`. Empty: there is none.
struct Word {
  std::string_view text;
  std::uint64_t value = 0;
};

/// A size without a bound, as `unlimited` reads.
inline constexpr std::uint64_t kUnlimited = UINT64_MAX;
inline constexpr Word kUnlimitedWord = {"unlimited", kUnlimited};

/// A text under a name that people choose, both of it theirs. Printed masked, see `Settings::secret`.
struct NamedSecret {
  std::string name;
  std::string value;
  std::string shown = {};  ///< the `${NAME}` that the value comes from; empty: none

  friend bool operator==(const NamedSecret&, const NamedSecret&) = default;
};

/// How an options struct reads itself, one line a key:
///
///     connect = settings.duration("connect", connect, {1ms, 60s});
///
/// The same line serves the configuration file (the value there, checked, or the current one where the key is absent)
/// and the printed effective configuration (the current value goes out). A value that cannot be used is noted as a
/// problem at its place in the file; the current value stays and the reading goes on, so one run shows every mistake.
/// A key that no line asked for is unknown. A list or a map in the file replaces the default as a whole.
class Settings {
 public:
  virtual ~Settings() = default;

  /// Any text, empty allowed.
  std::string text(std::string_view key, const std::string& current);
  /// The name of a file that is read. A relative one begins in the folder of the configuration file.
  std::string file(std::string_view key, const std::string& current);
  /// A text that is printed as `kMask` where secrets are masked, and that no problem quotes. `shown` is what may be seen in
  /// its place, such as the `${NAME}` that it comes from, which reading sets it to; empty: the mask.
  std::string secret(std::string_view key, const std::string& current, std::string& shown);
  /// A map under `key` from names to texts, each printed as `secret` does. Order is kept.
  std::vector<NamedSecret> secrets(std::string_view key, std::vector<NamedSecret> current);
  std::vector<std::string> texts(std::string_view key, const std::vector<std::string>& current);

  bool boolean(std::string_view key, bool current);
  double number(std::string_view key, double current, Range<double> range);
  Nanos duration(std::string_view key, Nanos current, Range<Nanos> range);
  /// Bytes.
  std::uint64_t size(std::string_view key, std::uint64_t current, Range<std::uint64_t> range, Word word = {});
  /// 0 to 100.
  double percent(std::string_view key, double current, Range<double> range = {0, 100});

  template <std::integral Integer>
  Integer integer(std::string_view key, Integer current, Range<std::type_identity_t<Integer>> range, Word word = {}) {
    static_assert(sizeof(Integer) < 8 || std::is_signed_v<Integer>, "a value must fit 63 bits");
    return static_cast<Integer>(whole_number(key, static_cast<std::int64_t>(current),
                                             {static_cast<std::int64_t>(range.from), static_cast<std::int64_t>(range.to)},
                                             word));
  }

  /// One of the labels of `Names<Enum>`.
  template <class Enum>
  Enum choice(std::string_view key, Enum current) {
    const auto& labels = Names<Enum>::labels;
    return static_cast<Enum>(
        one_of(key, static_cast<std::size_t>(current), std::vector<std::string_view>(labels.begin(), labels.end())));
  }

  /// A map under `key` that reads itself: `options.read(*this)`.
  template <class Options>
  void section(std::string_view key, Options& options) {
    if (!open_section(key)) return;
    options.read(*this);
    close();
  }

  /// A list under `key`, each element reading itself. An element that comes from the file starts as `fresh`. A struct
  /// that has a short form, one scalar instead of a map, reads that with `read_short`, under the key `kItself`.
  template <class Options>
  void items(std::string_view key, std::vector<Options>& list, const Options& fresh = {}) {
    const std::optional<std::size_t> count = open_items(key, list.size());
    if (!count) return;
    if (is_reading()) list.assign(*count, fresh);
    for (std::size_t i = 0; i < list.size(); ++i) {
      constexpr bool has_short_form = requires { list[i].read_short(*this); };
      if (!open_item(i, has_short_form)) continue;
      if constexpr (has_short_form) {
        is_scalar_itself() ? list[i].read_short(*this) : list[i].read(*this);
      } else {
        list[i].read(*this);
      }
      close();
    }
    close();
  }

  /// A map under `key` from names that people choose to elements that read themselves; `Options::name` takes the name.
  /// Order is kept. An element that comes from the file starts as `fresh`.
  template <class Options>
  void entries(std::string_view key, std::vector<Options>& list, const Options& fresh = {}) {
    std::vector<std::string> names;
    for (const Options& entry : list) names.push_back(entry.name);
    const std::optional<std::vector<std::string>> found = open_entries(key, names);
    if (!found) return;
    if (is_reading()) {
      list.assign(found->size(), fresh);
      for (std::size_t i = 0; i < list.size(); ++i) list[i].name = (*found)[i];
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!open_entry(i, list[i].name)) continue;
      list[i].read(*this);
      close();
    }
    close();
  }

  /// The key of what is being read as a whole: an element in its short form, or a named entry for a problem with it.
  static constexpr std::string_view kItself = "";
  static constexpr std::string_view kMask = "********";

  /// Notes that the value under `key` cannot be used: what is wrong, and what would be right. `key` is relative to the
  /// section being read and may go deeper: `ignore[2]`, `servers[0].url`. No full stop. Nothing happens on printing.
  virtual void problem(std::string_view key, std::string what, std::string mend) = 0;

  /// How much a warning counts in `weir check`. A running weir only logs it, whichever it is.
  enum class Weight : std::uint8_t {
    notice,  ///< shown; an error with --strict
    fault,   ///< always an error
  };
  /// Notes that the value under `key` can be used, but is hardly what is wanted. The rest as with `problem`.
  virtual void warning(std::string_view key, std::string what, std::string mend, Weight weight = Weight::notice) = 0;

  /// Where the section being read stands in the file, from 1; 0 where there is no file.
  virtual int line() const = 0;

  /// Values come in; else they go out.
  virtual bool is_reading() const = 0;

 protected:
  /// How a scalar is written out: a number or a word as it stands, a text with quotes where YAML needs them, a secret, or
  /// what may be seen in its place.
  enum class Style : std::uint8_t { plain, text, secret, stand_in };

  /// The text under `key` in the file; nothing where it is absent or has been noted as a problem. On printing
  /// `current` goes out and nothing comes back.
  virtual std::optional<std::string> scalar(std::string_view key, const std::string& current, Style style) = 0;
  virtual std::optional<std::vector<std::string>> scalars(std::string_view key, const std::vector<std::string>& current,
                                                          Style style) = 0;

  /// Where the file of a name in the configuration is.
  virtual std::string located(const std::string& name) const { return name; }
  /// The `${NAME}` that the value under `key` comes from as a whole; empty: there is none.
  virtual std::string variable(std::string_view) const { return {}; }
  virtual bool masks_secrets() const { return true; }

  /// Each that returns true (or a value) is balanced by one `close()`.
  virtual bool open_section(std::string_view key) = 0;
  virtual std::optional<std::size_t> open_items(std::string_view key, std::size_t current) = 0;
  virtual bool open_item(std::size_t index, bool may_be_scalar) = 0;
  virtual std::optional<std::vector<std::string>> open_entries(std::string_view key,
                                                               const std::vector<std::string>& current) = 0;
  virtual bool open_entry(std::size_t index, std::string_view name) = 0;
  virtual void close() = 0;

  /// Whether the element that was opened last is in its short form. Never on printing.
  virtual bool is_scalar_itself() const = 0;

 private:
  std::int64_t whole_number(std::string_view key, std::int64_t current, Range<std::int64_t> range, Word word);
  std::size_t one_of(std::string_view key, std::size_t current, const std::vector<std::string_view>& labels);
};

}  // namespace weir
