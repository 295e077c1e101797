/// Drawn for this project with straight strokes.
#include "runtime/report/lettering.h"

#include <array>

namespace hdecomp {
namespace {

constexpr std::array<std::string_view, 10> digits{
    "103041453616050110",          "112026 1636", "01103041420646",
    "01103041423313 334445361605", "36300444",    "4000033344453606",
    "30100105163645443303",        "004016",      "13020110304142331304051636454433",
    "16364541301001021343"};

constexpr std::array<std::string_view, 26> letters{
    "1232434616051444",       // a
    "00063645433202",         // b
    "421203051646",           // c
    "40461605031242",         // d
    "044443321203051636",     // e
    "40302126 1232",          // f
    "421203051646 42473808",  // g
    "0006 02324346",          // h
    "2226 2020",              // i
    "222718 2020",            // j
    "0006 4204 2346",         // k
    "202536",                 // l
    "0206 022226 224246",     // m
    "0206 02324346",          // n
    "123243453616050312",     // o
    "08023243453606",         // p
    "48421203051646",         // q
    "0206 042242",            // r
    "4212031434453606",       // s
    "20253646 0242",          // t
    "02051646 4246",          // u
    "022642",                 // v
    "0216233642",             // w
    "0246 4206",              // x
    "0226 422618",            // y
    "02420646",               // z
};

}  // namespace

std::string_view strokes_of(char letter) {
  if (letter >= '0' && letter <= '9') return digits[letter - '0'];
  if (letter >= 'a' && letter <= 'z') return letters[letter - 'a'];
  if (letter >= 'A' && letter <= 'Z') return letters[letter - 'A'];
  switch (letter) {
    case ' ':
      return "";
    case '_':
      return "0747";
    case '-':
      return "1434";
    case '.':
      return "2626";
    case ',':
      return "2617";
    case ':':
      return "2323 2626";
    case '%':
      return "0640 0010110100 3545463635";
    case '/':
      return "0640";
    case '(':
      return "30212536";
    case ')':
      return "10212516";
    case '\'':
      return "2022";
    case '+':
      return "0444 2226";
    default:
      return "1030361610";
  }
}

}  // namespace hdecomp
