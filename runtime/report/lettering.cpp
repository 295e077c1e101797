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

constexpr std::array<std::string_view, 26> small_letters{
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

constexpr std::array<std::string_view, 26> large_letters{
    "062046 1434",               // A
    "060030414233033344453606",  // B
    "4130100105163645",          // C
    "00063645413000",            // D
    "40000646 0333",             // E
    "400006 0333",               // F
    "41301001051636454323",      // G
    "0006 4046 0343",            // H
    "1030 2026 1636",            // I
    "4045361605",                // J
    "0006 4004 1346",            // K
    "000646",                    // L
    "0600234046",                // M
    "06004640",                  // N
    "100105163645413010",        // O
    "06003041423303",            // P
    "100105163645413010 2446",   // Q
    "06003041423303 2346",       // R
    "413010010213334445361605",  // S
    "0040 2026",                 // T
    "000516364540",              // U
    "002640",                    // V
    "0016223640",                // W
    "0046 4006",                 // X
    "002340 2326",               // Y
    "00400646",                  // Z
};

}  // namespace

std::string_view strokes_of(char letter) {
  if (letter >= '0' && letter <= '9') return digits[letter - '0'];
  if (letter >= 'a' && letter <= 'z') return small_letters[letter - 'a'];
  if (letter >= 'A' && letter <= 'Z') return large_letters[letter - 'A'];
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
    case '=':
      return "0343 0545";
    case '!':
      return "2024 2626";
    case '?':
      return "011030412324 2626";
    case ';':
      return "2323 2617";
    case '"':
      return "1012 3032";
    case '&':
      return "463110011205163644";
    case '[':
      return "30202636";
    case ']':
      return "10202616";
    case '#':
      return "1016 3036 0242 0444";
    default:
      return "1030361610";
  }
}

}  // namespace hdecomp
