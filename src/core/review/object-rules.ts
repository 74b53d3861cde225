/** The rules about tables, types, views, rights and data, in the order in which they speak. */

import { addEnumValue } from "../lint/add-enum-value.ts";
import { alterFunction } from "../lint/alter-function.ts";
import { alterObject } from "../lint/alter-object.ts";
import { alterPolicy } from "../lint/alter-policy.ts";
import { alterRule } from "../lint/alter-rule.ts";
import { alterSequence } from "../lint/alter-sequence.ts";
import { attachPartition } from "../lint/attach-partition.ts";
import { catalogOnly } from "../lint/catalog-only.ts";
import { changeAllRows } from "../lint/change-all-rows.ts";
import { changeCatalog } from "../lint/change-catalog.ts";
import { changeData } from "../lint/change-data.ts";
import { changeType } from "../lint/change-type.ts";
import { clusterOn } from "../lint/cluster-on.ts";
import { copyData } from "../lint/copy-data.ts";
import { createExtension } from "../lint/create-extension.ts";
import { createFunction } from "../lint/create-function.ts";
import { createPartition } from "../lint/create-partition.ts";
import { createPolicy } from "../lint/create-policy.ts";
import { createRule } from "../lint/create-rule.ts";
import { createTable } from "../lint/create-table.ts";
import { createTableAs } from "../lint/create-table-as.ts";
import { createTableReferences } from "../lint/create-table-references.ts";
import { createTrigger } from "../lint/create-trigger.ts";
import { createView } from "../lint/create-view.ts";
import { defaultPrivileges } from "../lint/default-privileges.ts";
import { detachPartition } from "../lint/detach-partition.ts";
import { detachPartitionConcurrently } from "../lint/detach-partition-concurrently.ts";
import { disableRowSecurity } from "../lint/disable-row-security.ts";
import { domainChange } from "../lint/domain-change.ts";
import { domainCheck } from "../lint/domain-check.ts";
import { dropCascade } from "../lint/drop-cascade.ts";
import { dropExtension } from "../lint/drop-extension.ts";
import { dropFunction } from "../lint/drop-function.ts";
import { dropObject } from "../lint/drop-object.ts";
import { dropOwned } from "../lint/drop-owned.ts";
import { dropTable } from "../lint/drop-table.ts";
import { dropTrigger } from "../lint/drop-trigger.ts";
import { dropView } from "../lint/drop-view.ts";
import { dynamicSql } from "../lint/dynamic-sql.ts";
import { enableRowSecurity } from "../lint/enable-row-security.ts";
import { eventTrigger } from "../lint/event-trigger.ts";
import { foreignTableOptions } from "../lint/foreign-table-options.ts";
import { grant } from "../lint/grant.ts";
import { inherit } from "../lint/inherit.ts";
import { lockTable } from "../lint/lock-table.ts";
import { lockTimeoutOff } from "../lint/lock-timeout-off.ts";
import { newerSyntax } from "../lint/newer-syntax.ts";
import { publishTable } from "../lint/publish-table.ts";
import { query } from "../lint/query.ts";
import { refreshConcurrently } from "../lint/refresh-concurrently.ts";
import { refreshMaterializedView } from "../lint/refresh-materialized-view.ts";
import { renameEnumValue } from "../lint/rename-enum-value.ts";
import { renameObject } from "../lint/rename-object.ts";
import { renameTable } from "../lint/rename-table.ts";
import { renameView } from "../lint/rename-view.ts";
import { replaceFunction } from "../lint/replace-function.ts";
import { replaceView } from "../lint/replace-view.ts";
import { revoke } from "../lint/revoke.ts";
import { rewriteTable } from "../lint/rewrite-table.ts";
import { serverWide } from "../lint/server-wide.ts";
import { sessionSetting } from "../lint/session-setting.ts";
import { setRole } from "../lint/set-role.ts";
import { setSchema } from "../lint/set-schema.ts";
import { subscription } from "../lint/subscription.ts";
import { toggleTrigger } from "../lint/toggle-trigger.ts";
import { transactionControl } from "../lint/transaction-control.ts";
import { truncate } from "../lint/truncate.ts";
import { vacuum } from "../lint/vacuum.ts";
import type { StatementRule } from "./rule.ts";

export const objectRules: readonly StatementRule[] = [
  createTable, createTableReferences, createPartition, attachPartition, detachPartition,
  detachPartitionConcurrently, inherit, dropTable, dropCascade, renameTable, setSchema, truncate,
  rewriteTable, vacuum, clusterOn, createTableAs, createView, replaceView, dropView, renameView,
  foreignTableOptions, refreshMaterializedView, refreshConcurrently, createTrigger, toggleTrigger,
  dropTrigger, createRule, alterRule, enableRowSecurity, disableRowSecurity, createPolicy,
  alterPolicy, grant, revoke, defaultPrivileges, addEnumValue, renameEnumValue, changeType,
  domainCheck, domainChange, createFunction, replaceFunction, dropFunction, alterFunction,
  changeCatalog, changeData, changeAllRows, copyData, alterSequence, lockTable, sessionSetting,
  lockTimeoutOff,
  setRole, transactionControl, createExtension, dropExtension, eventTrigger, publishTable,
  subscription, serverWide, catalogOnly, dropObject, dropOwned, renameObject, alterObject,
  dynamicSql, query, newerSyntax,
];
