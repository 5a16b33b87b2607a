import { implement } from '@orpc/server';
import { contract } from '../../shared/contract/contract.ts';
import type { HostServices } from './services.ts';

const never = new AbortController().signal;

/** The contract's handlers over the host's services: no logic here, only the hand-over. */
export function createRouter(services: HostServices) {
  const os = implement(contract);
  const { workspaces, connections, keys, values, valueWork, edit, bulk, invalidate, liveEvents, decode, runbooks, audit, blastRadius, jobs, settings, demo, info } = services;
  return os.router({
    app: {
      info: os.app.info.handler(() => ({ ...info, platform: process.platform })),
      settings: os.app.settings.handler(() => settings.all()),
      saveSettings: os.app.saveSettings.handler(async ({ input }) => {
        await settings.save(input.changes);
        return {};
      }),
      demo: os.app.demo.handler(({ signal }) => demo.watch(signal ?? never)),
      startDemo: os.app.startDemo.handler(async () => {
        await demo.start();
        return {};
      }),
      stopDemo: os.app.stopDemo.handler(async () => {
        await demo.stop();
        return {};
      }),
    },
    workspaces: {
      list: os.workspaces.list.handler(() => workspaces.list()),
      save: os.workspaces.save.handler(({ input }) => workspaces.save(input)),
      remove: os.workspaces.remove.handler(async ({ input }) => {
        await liveEvents.drop(input.workspaceId);
        await connections.close(input.workspaceId);
        return workspaces.remove(input.workspaceId);
      }),
      restore: os.workspaces.restore.handler(({ input }) => workspaces.restore(input.restoreToken)),
      environmentHints: os.workspaces.environmentHints.handler(() => workspaces.environmentHints()),
      import: os.workspaces.import.handler(({ input }) => workspaces.import(input)),
      export: os.workspaces.export.handler(() => workspaces.export()),
    },
    connections: {
      open: os.connections.open.handler(async ({ input }) => {
        keys.prepare();
        const snapshot = await connections.open(input.workspaceId, input.secrets);
        await liveEvents.repair(input.workspaceId);
        return snapshot;
      }),
      close: os.connections.close.handler(async ({ input }) => {
        await keys.drop(input.workspaceId);
        await liveEvents.drop(input.workspaceId);
        await connections.close(input.workspaceId);
        return {};
      }),
      opened: os.connections.opened.handler(() => connections.opened()),
      watch: os.connections.watch.handler(({ input, signal }) => connections.watch(input.workspaceId, signal ?? never)),
      retry: os.connections.retry.handler(async ({ input }) => {
        await connections.retry(input.workspaceId);
        return {};
      }),
      test: os.connections.test.handler(({ input, signal }) => connections.test(input, signal ?? never)),
      trustHostKey: os.connections.trustHostKey.handler(async ({ input }) => {
        await connections.trustHostKey(input);
        return {};
      }),
      unlock: os.connections.unlock.handler(({ input }) => connections.unlock(input.workspaceId, input.minutes, input.reason)),
      lock: os.connections.lock.handler(({ input }) => connections.lock(input.workspaceId)),
    },
    keys: {
      index: os.keys.index.handler(({ input, signal }) => keys.index(input, signal ?? never)),
      pause: os.keys.pause.handler(({ input }) => keys.pause(input.indexId)),
      resume: os.keys.resume.handler(({ input }) => keys.resume(input.indexId)),
      configure: os.keys.configure.handler(({ input }) => keys.configure(input)),
      begin: os.keys.begin.handler(async ({ input }) => {
        await keys.begin(input);
        return {};
      }),
      openView: os.keys.openView.handler(({ input }) => keys.openView(input)),
      closeView: os.keys.closeView.handler(async ({ input }) => {
        await keys.closeView(input.viewId);
        return {};
      }),
      rows: os.keys.rows.handler(({ input }) => keys.rows(input)),
      toggle: os.keys.toggle.handler(({ input }) => keys.toggle(input)),
      reveal: os.keys.reveal.handler(({ input }) => keys.reveal(input)),
      names: os.keys.names.handler(({ input }) => keys.names(input)),
      meta: os.keys.meta.handler(({ input }) => keys.meta(input)),
      exportNames: os.keys.exportNames.handler(({ input }) => keys.exportNames(input)),
      enrich: os.keys.enrich.handler(({ input }) => keys.enrich(input)),
      namespaces: os.keys.namespaces.handler(({ input }) => keys.namespaces(input)),
      treemap: os.keys.treemap.handler(({ input }) => keys.treemap(input)),
      top: os.keys.top.handler(({ input }) => keys.top(input)),
      ttlHistogram: os.keys.ttlHistogram.handler(({ input }) => keys.ttlHistogram(input)),
      saveSketch: os.keys.saveSketch.handler(({ input }) => keys.saveSketch(input)),
      sketches: os.keys.sketches.handler(() => keys.sketches()),
      compareSketches: os.keys.compareSketches.handler(({ input }) => keys.compareSketches(input)),
      removeSketch: os.keys.removeSketch.handler(async ({ input }) => {
        await keys.removeSketch(input.sketchId);
        return {};
      }),
    },
    values: {
      inspect: os.values.inspect.handler(({ input }) => values.inspect(input)),
      page: os.values.page.handler(({ input }) => values.page(input)),
      element: os.values.element.handler(({ input }) => values.element(input)),
      streamGroups: os.values.streamGroups.handler(({ input }) => values.streamGroups(input)),
      streamConsumers: os.values.streamConsumers.handler(({ input }) => values.streamConsumers(input)),
      streamPending: os.values.streamPending.handler(({ input }) => values.streamPending(input)),
      zsetRange: os.values.zsetRange.handler(({ input }) => values.zsetRange(input)),
      bitNext: os.values.bitNext.handler(({ input }) => values.bitNext(input)),
      geoRadius: os.values.geoRadius.handler(({ input }) => values.geoRadius(input)),
      vectorInfo: os.values.vectorInfo.handler(({ input }) => values.vectorInfo(input)),
      vectorSample: os.values.vectorSample.handler(({ input }) => values.vectorSample(input)),
      vectorSimilar: os.values.vectorSimilar.handler(({ input }) => values.vectorSimilar(input)),
      vectorElement: os.values.vectorElement.handler(({ input }) => values.vectorElement(input)),
      jsonNode: os.values.jsonNode.handler(({ input }) => values.jsonNode(input)),
      dumpSize: os.values.dumpSize.handler(({ input }) => values.dumpSize(input)),
    },
    valueWork: {
      search: os.valueWork.search.handler(({ input, signal }) => valueWork.search(input, signal ?? never)),
      searchMatches: os.valueWork.searchMatches.handler(({ input, signal }) => valueWork.searchMatches(input, signal ?? never)),
      bitCount: os.valueWork.bitCount.handler(({ input, signal }) => valueWork.bitCount(input, signal ?? never)),
      saveBytes: os.valueWork.saveBytes.handler(({ input, signal }) => valueWork.saveBytes(input, signal ?? never)),
      exportElements: os.valueWork.exportElements.handler(({ input, signal }) => valueWork.exportElements(input, signal ?? never)),
      compare: os.valueWork.compare.handler(({ input, signal }) => valueWork.compare(input, signal ?? never)),
      compareRows: os.valueWork.compareRows.handler(({ input, signal }) => valueWork.compareRows(input, signal ?? never)),
      trimPreview: os.valueWork.trimPreview.handler(({ input, signal }) => valueWork.trimPreview(input, signal ?? never)),
      streamAct: os.valueWork.streamAct.handler(({ input, signal }) => valueWork.streamAct(input, signal ?? never)),
    },
    edit: {
      setString: os.edit.setString.handler(({ input }) => edit.setString(input)),
      setRange: os.edit.setRange.handler(({ input }) => edit.setRange(input)),
      hashField: os.edit.hashField.handler(({ input }) => edit.hashField(input)),
      listElement: os.edit.listElement.handler(({ input }) => edit.listElement(input)),
      setMember: os.edit.setMember.handler(({ input }) => edit.setMember(input)),
      zsetMember: os.edit.zsetMember.handler(({ input }) => edit.zsetMember(input)),
      streamEntry: os.edit.streamEntry.handler(({ input }) => edit.streamEntry(input)),
      expiry: os.edit.expiry.handler(({ input }) => edit.expiry(input)),
      rename: os.edit.rename.handler(({ input }) => edit.rename(input)),
      copy: os.edit.copy.handler(({ input }) => edit.copy(input)),
      remove: os.edit.remove.handler(({ input }) => edit.remove(input)),
      create: os.edit.create.handler(({ input }) => edit.create(input)),
      undo: os.edit.undo.handler(({ input }) => edit.undo(input)),
      recent: os.edit.recent.handler(({ input }) => edit.recent(input)),
    },
    bulk: {
      nameList: os.bulk.nameList.handler(({ input }) => bulk.nameList(input)),
      planTtl: os.bulk.planTtl.handler(({ input, signal }) => bulk.planTtl(input, signal ?? never)),
      planNames: os.bulk.planNames.handler(({ input }) => bulk.planNames(input)),
      discardPlan: os.bulk.discardPlan.handler(async ({ input }) => {
        await bulk.discardPlan(input.planId);
        return {};
      }),
      runTtl: os.bulk.runTtl.handler(({ input }) => bulk.runTtl(input)),
      watchRun: os.bulk.watchRun.handler(({ input, signal }) => bulk.watchRun(input.runId, signal ?? never)),
      failures: os.bulk.failures.handler(({ input }) => bulk.failures(input.runId)),
      setRate: os.bulk.setRate.handler(({ input }) => bulk.setRate(input.runId, input.keysPerSecond)),
      runs: os.bulk.runs.handler(() => bulk.runs()),
      unfinished: os.bulk.unfinished.handler(() => bulk.unfinished()),
      resumeRun: os.bulk.resumeRun.handler(({ input }) => bulk.resumeRun(input)),
      undoTtl: os.bulk.undoTtl.handler(({ input }) => bulk.undoTtl(input)),
      forgetRun: os.bulk.forgetRun.handler(async ({ input }) => {
        await bulk.forgetRun(input.runId);
        return {};
      }),
      journalQuota: os.bulk.journalQuota.handler(() => bulk.journalQuota()),
      setJournalQuota: os.bulk.setJournalQuota.handler(({ input }) => bulk.setJournalQuota(input)),
      fieldTtls: os.bulk.fieldTtls.handler(({ input, signal }) => bulk.fieldTtls(input, signal ?? never)),
      planFieldTtl: os.bulk.planFieldTtl.handler(({ input, signal }) => bulk.planFieldTtl(input, signal ?? never)),
      runFieldTtl: os.bulk.runFieldTtl.handler(({ input }) => bulk.runFieldTtl(input)),
    },
    invalidate: {
      plan: os.invalidate.plan.handler(({ input, signal }) => invalidate.plan(input, signal ?? never)),
      planRows: os.invalidate.planRows.handler(({ input }) => invalidate.planRows(input)),
      exportPlan: os.invalidate.exportPlan.handler(({ input }) => invalidate.exportPlan(input)),
      discardPlan: os.invalidate.discardPlan.handler(async ({ input }) => {
        await invalidate.discardPlan(input.planId);
        return {};
      }),
      run: os.invalidate.run.handler(({ input }) => invalidate.run(input)),
      setPace: os.invalidate.setPace.handler(({ input }) => invalidate.setPace(input)),
      stage: os.invalidate.stage.handler(({ input }) => invalidate.stage(input)),
      undoPreview: os.invalidate.undoPreview.handler(({ input, signal }) => invalidate.undoPreview(input, signal ?? never)),
      undo: os.invalidate.undo.handler(({ input }) => invalidate.undo(input)),
      planFile: os.invalidate.planFile.handler(({ input }) => invalidate.planFile(input.planId)),
      approve: os.invalidate.approve.handler(({ input }) => invalidate.approve(input)),
      approvalRule: os.invalidate.approvalRule.handler(({ input }) => invalidate.approvalRule(input.workspaceId)),
      setApprovalRule: os.invalidate.setApprovalRule.handler(({ input }) => invalidate.setApprovalRule(input)),
    },
    liveEvents: {
      check: os.liveEvents.check.handler(({ input }) => liveEvents.check(input)),
      enable: os.liveEvents.enable.handler(({ input }) => liveEvents.enable(input)),
      restore: os.liveEvents.restore.handler(({ input }) => liveEvents.restore(input.workspaceId)),
      watch: os.liveEvents.watch.handler(({ input, signal }) => liveEvents.watch(input, signal ?? never)),
      recent: os.liveEvents.recent.handler(({ input }) => liveEvents.recent(input)),
    },
    decode: {
      value: os.decode.value.handler(({ input }) => decode.value(input)),
      rows: os.decode.rows.handler(({ input }) => decode.rows(input)),
      search: os.decode.search.handler(({ input }) => decode.search(input)),
      place: os.decode.place.handler(({ input }) => decode.place(input)),
      text: os.decode.text.handler(({ input }) => decode.text(input)),
      bytes: os.decode.bytes.handler(({ input }) => decode.bytes(input)),
      previews: os.decode.previews.handler(({ input }) => decode.previews(input)),
      unpack: os.decode.unpack.handler(({ input }) => decode.unpack(input)),
      repack: os.decode.repack.handler(({ input }) => decode.repack(input)),
      protoMessages: os.decode.protoMessages.handler(({ input }) => decode.protoMessages(input)),
    },
    runbooks: {
      list: os.runbooks.list.handler(() => runbooks.list()),
      save: os.runbooks.save.handler(({ input }) => runbooks.save(input)),
      remove: os.runbooks.remove.handler(async ({ input }) => {
        await runbooks.remove(input.name);
        return {};
      }),
      importFile: os.runbooks.importFile.handler(({ input }) => runbooks.importFile(input)),
      exportFile: os.runbooks.exportFile.handler(({ input }) => runbooks.exportFile(input.name)),
      resolve: os.runbooks.resolve.handler(({ input }) => runbooks.resolve(input)),
    },
    audit: {
      entries: os.audit.entries.handler(({ input }) => audit.entries(input)),
      verify: os.audit.verify.handler(({ input }) => audit.verify(input.hash)),
      export: os.audit.export.handler(({ input }) => audit.export(input)),
    },
    blastRadius: {
      check: os.blastRadius.check.handler(({ input }) => blastRadius.check(input.workspaceId)),
      sample: os.blastRadius.sample.handler(({ input, signal }) => blastRadius.sample(input, signal ?? never)),
    },
    jobs: {
      watch: os.jobs.watch.handler(({ signal }) => jobs.watch(signal ?? never)),
      pause: os.jobs.pause.handler(({ input }) => jobs.pause(input.jobId)),
      resume: os.jobs.resume.handler(({ input }) => jobs.resume(input.jobId)),
      cancel: os.jobs.cancel.handler(({ input }) => jobs.cancel(input.jobId)),
      clear: os.jobs.clear.handler(() => {
        jobs.clear();
        return {};
      }),
    },
  });
}

export type HostRouter = ReturnType<typeof createRouter>;
