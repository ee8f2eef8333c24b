/** Somebody with a login. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly isSysAdmin: boolean;
  /** UTC, `YYYY-MM-DD HH:MM:SS`. */
  readonly lastLoginDate: string | null;
}
