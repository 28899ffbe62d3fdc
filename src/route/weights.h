#pragma once

namespace weir::route::weight {

// Natural log-odds, found by hill climbing over the request streams of nineteen public APIs and checked on other seeds
// of them. Above zero speaks for "values of one parameter", below for "fixed places". See
// src/decisions/route-learning.md.

// The place, before any word has been seen there.
inline constexpr double kRoot = -5;         // the top: sections of the site
inline constexpr double kApiRoot = -5;      // below `api`, `v1`: the collections
inline constexpr double kParameter = -3;  // below a parameter: its parts
inline constexpr double kPlural = 1.23;      // `/users/…`
inline constexpr double kSingular = -1.36;   // `/user/…`, `/auth/…`
inline constexpr double kWordsAfter = 1.43;    // elsewhere a parameter that takes words stands after the same name
inline constexpr double kIdentifiers = -1.62;  // identifiers are taken here: words are the exceptions

// The spelling of a word.
inline constexpr double kReserved = -3;     // `search`, `me`, `_count`
inline constexpr double kKnown = -1.6;      // all of its parts are of the trade
inline constexpr double kUnknown = 0.97;     // none is; in between, in proportion
inline constexpr double kLong = 1.62;        // four parts or more, joined by hyphens, not all known
inline constexpr double kDigit = 0.8;
inline constexpr double kHyphen = 0.27;
inline constexpr double kUnderscore = -0.3;
inline constexpr double kDot = 0.3;
inline constexpr double kCapital = 0.36;
inline constexpr double kFile = 1;
inline constexpr double kVersion = -0.5;
inline constexpr double kKnownValue = 2;    // a parameter elsewhere has taken it
inline constexpr double kKnownLiteral = -1.8; // it stands as a literal after three other names

// What one literal answers to, and what is below it.
inline constexpr double kItem = 1.46;        // DELETE, or GET with PUT or PATCH: a thing
inline constexpr double kCollection = -0.35; // POST
inline constexpr double kManyBelow = -2.88;  // many identifiers right below: a collection
inline constexpr double kOneBelow = 0.21;    // always the same one: `/{slug}/{id}`
inline constexpr double kPartsBelow = 0.32;  // words of the trade below

inline constexpr double kManyParents = -2.17;  // seen under several values of the parameter before it
inline constexpr double kOneParent = 0.5;     // under the same one each time
inline constexpr double kTwin = 2.5;          // goes on much like two siblings or more, away from the root

// All of them together.
inline constexpr double kShared = 0.98;      // a continuation that siblings share, up to three times each
inline constexpr double kAlone = -0.14;     // one that no sibling has
inline constexpr double kMostAlike = 6;
inline constexpr double kMostAlikeNearRoot = 2;  // there everything looks alike
inline constexpr double kEach = 0.14;       // one more of them
inline constexpr double kMostEach = 2.5;
inline constexpr double kNovelty = 5;       // times (share seen once - kUsualNovelty)
inline constexpr double kUsualNovelty = 0.29;
inline constexpr double kFlood = 8;         // forty and more, nearly all seen once
inline constexpr double kLeastWord = -0.99;  // a literal below this stays one whatever its siblings are
inline constexpr double kMostWord = 2.33;
inline constexpr double kLeastWords = -7.2;
inline constexpr double kMostWords = 7.42;
inline constexpr double kMostWordsNearRoot = 1.95;

// A literal beside a parameter that takes words already.
inline constexpr double kCommon = 0.96;      // a continuation that the parameter has too
inline constexpr double kAlien = -0.45;      // one that it has not
inline constexpr double kCommonMethod = 0.32;
inline constexpr double kAlienMethod = -0.46;
inline constexpr double kMostCompany = 4.86;

// When it is enough.
inline constexpr double kFoldAt = 4;        // siblings become values
inline constexpr double kAtOnceAt = 3;    // a first word is a value
inline constexpr double kStraggleAt = -0.7;   // a literal joins the parameter beside it
inline constexpr double kStandsOutAt = -1.98;     // a word is none of the parameter's values
inline constexpr double kStandsOutNewAt = -0.72;  // the same where the parameter has never gone on like this

}  // namespace weir::route::weight
