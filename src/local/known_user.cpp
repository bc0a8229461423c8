#include "known_user.hpp"

#include <algorithm>

#include "ss/cipher/base64.hpp"

namespace ss::local {

bool is_known_user(const std::vector<SocksUser>& users, ConstBytes name, ConstBytes password) {
  bool known = false;
  for (const SocksUser& user : users) {
    const bool same_name = equal_in_constant_time(bytes_of(user.name), name);
    const bool same_password = equal_in_constant_time(user.password.reveal(), password);
    known |= same_name && same_password;
  }
  return known;
}

bool is_known_user(const std::vector<SocksUser>& users, std::string_view credentials) {
  constexpr std::string_view kScheme = "basic ";
  const bool is_basic = credentials.size() > kScheme.size() &&
                        std::equal(kScheme.begin(), kScheme.end(), credentials.begin(), [](char wanted, char c) {
                          return wanted == (c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
                        });
  if (!is_basic) return false;
  credentials.remove_prefix(kScheme.size());
  while (!credentials.empty() && credentials.front() == ' ') credentials.remove_prefix(1);
  Result<ByteVector> pair = cipher::base64_decode(credentials, cipher::Alphabet::standard);
  if (!pair) return false;
  const auto colon = std::find(pair->begin(), pair->end(), ':');
  bool known = false;
  if (colon != pair->end()) {
    const auto length = static_cast<std::size_t>(colon - pair->begin());
    known = is_known_user(users, ConstBytes(*pair).first(length), ConstBytes(*pair).subspan(length + 1));
  }
  wipe(*pair);
  return known;
}

}  // namespace ss::local
