#include "http/page.hpp"

namespace ss::local {

namespace {

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 403:
      return "Forbidden";
    case 407:
      return "Proxy Authentication Required";
    case 414:
      return "URI Too Long";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Bad Request";
  }
}

}  // namespace

std::string http_page(unsigned status, std::string_view sentence, PageUse use) {
  const std::string body = std::string(sentence) + ".\n";
  std::string page = "HTTP/1.1 " + std::to_string(status) + ' ';
  page.append(reason_of(status)).append("\r\n");
  if (status == 407) page.append("Proxy-Authenticate: Basic realm=\"ss-local\", charset=\"UTF-8\"\r\n");
  page.append("Content-Type: text/plain; charset=utf-8\r\nContent-Length: ").append(std::to_string(body.size()));
  page.append(use.keep ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
  return use.to_head ? page : page.append(body);
}

}  // namespace ss::local
