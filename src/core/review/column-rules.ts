/** The rules about columns, in the order in which they speak. */

import { addColumn } from "../lint/add-column.ts";
import { addColumnCheck } from "../lint/add-column-check.ts";
import { addColumnDomain } from "../lint/add-column-domain.ts";
import { addColumnGenerated } from "../lint/add-column-generated.ts";
import { addColumnIdentity } from "../lint/add-column-identity.ts";
import { addColumnNotNull } from "../lint/add-column-not-null.ts";
import { addColumnReferences } from "../lint/add-column-references.ts";
import { addColumnSerial } from "../lint/add-column-serial.ts";
import { addColumnUnique } from "../lint/add-column-unique.ts";
import { addColumnVolatileDefault } from "../lint/add-column-volatile-default.ts";
import { addIdentity } from "../lint/add-identity.ts";
import { changeColumnType } from "../lint/change-column-type.ts";
import { changeOwner } from "../lint/change-owner.ts";
import { changeTimestampZone } from "../lint/change-timestamp-zone.ts";
import { columnStatistics } from "../lint/column-statistics.ts";
import { columnStorage } from "../lint/column-storage.ts";
import { columnUsedByView } from "../lint/column-used-by-view.ts";
import { comment } from "../lint/comment.ts";
import { createStatistics } from "../lint/create-statistics.ts";
import { dropColumn } from "../lint/drop-column.ts";
import { dropDefault } from "../lint/drop-default.ts";
import { dropExpression } from "../lint/drop-expression.ts";
import { dropIdentity } from "../lint/drop-identity.ts";
import { dropNotNull } from "../lint/drop-not-null.ts";
import { jsonColumn } from "../lint/json-column.ts";
import { lengthLimit } from "../lint/length-limit.ts";
import { narrowKey } from "../lint/narrow-key.ts";
import { renameColumn } from "../lint/rename-column.ts";
import { replicaIdentity } from "../lint/replica-identity.ts";
import { serialColumn } from "../lint/serial-column.ts";
import { setDefault } from "../lint/set-default.ts";
import { setExpression } from "../lint/set-expression.ts";
import { setIdentity } from "../lint/set-identity.ts";
import { setNotNull } from "../lint/set-not-null.ts";
import { storageParameters } from "../lint/storage-parameters.ts";
import { timestampWithoutTimeZone } from "../lint/timestamp-without-time-zone.ts";
import { widenColumnType } from "../lint/widen-column-type.ts";
import type { StatementRule } from "./rule.ts";

export const columnRules: readonly StatementRule[] = [
  addColumn,
  addColumnVolatileDefault,
  addColumnSerial,
  addColumnIdentity,
  addColumnGenerated,
  addColumnDomain,
  addColumnNotNull,
  addColumnCheck,
  addColumnReferences,
  addColumnUnique,
  dropColumn,
  renameColumn,
  changeColumnType,
  widenColumnType,
  changeTimestampZone,
  columnUsedByView,
  setNotNull,
  dropNotNull,
  setDefault,
  dropDefault,
  addIdentity,
  setIdentity,
  dropIdentity,
  setExpression,
  dropExpression,
  columnStatistics,
  columnStorage,
  storageParameters,
  createStatistics,
  replicaIdentity,
  changeOwner,
  comment,
  jsonColumn,
  narrowKey,
  lengthLimit,
  timestampWithoutTimeZone,
  serialColumn,
];
