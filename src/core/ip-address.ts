/** Whether a host is an address already, which nobody needs to be asked for. */

const byte = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const version4 = new RegExp(`^(?:${byte}\\.){3}${byte}$`);

/** Of either version; a zone (`fe80::1%eth0`) may follow one of version 6. */
export function isIpAddress(host: string): boolean {
  if (version4.test(host)) return true;
  const address = host.replace(/%.*$/, "");
  return /^[\da-f:.]+$/i.test(address) && address.includes(":") && URL.canParse(`x://[${address}]`);
}
