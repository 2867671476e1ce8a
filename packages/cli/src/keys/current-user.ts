import { userInfo } from "node:os";

/** Who runs this process; a user without a name is `operator`. */
export function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "operator";
  }
}
