const date = `[0-9]{4} "-" ( ( "0" [13578] | "10" | "12" ) "-" ( "0" [1-9] | [12] [0-9] | "3" [01] ) | ( "0" [469] | "11" ) "-" ( "0" [1-9] | [12] [0-9] | "30" ) | "02-" ( "0" [1-9] | "1" [0-9] | "2" [0-8] ) )`;
const time = `( [01] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] ":" [0-5] [0-9] ( "." [0-9]{3} )? ( "Z" | [+-] ( "0" [0-9] | "1" [0-2] ) ":" [0-5] [0-9] )`;
const byte = `( "25" [0-5] | "2" [0-4] [0-9] | "1" [0-9]{2} | [1-9]? [0-9] )`;
const host = `[a-z] [a-z0-9]{0,20} ( "." [a-z] [a-z0-9]{0,20} ){1,3}`;

/** Grammars of what is inside the quotes, by JSON Schema's name of the format. */
export const formats: Readonly<Record<string, string>> = {
  date,
  time,
  "date-time": `${date} "T" ${time}`,
  uuid: `hex{8} "-" hex{4} "-4" hex{3} "-" [89ab] hex{3} "-" hex{12}`,
  ipv4: `${byte} "." ${byte} "." ${byte} "." ${byte}`,
  hostname: host,
  email: `[a-z0-9] [a-z0-9_-]{0,30} ( "." [a-z0-9_-]{1,20} )? "@" ${host}`,
  uri: `"http" "s"? "://" ${host} ( "/" [a-zA-Z0-9_-]{1,30} ){0,8}`,
};
